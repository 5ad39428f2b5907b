# SPDX-License-Identifier: MIT
# The program `plait`.
bin_PROGRAMS += %D%/plait
%C%_plait_SOURCES = %D%/main.c %D%/cli.h
%C%_plait_SOURCES += %D%/options.c %D%/options.h %D%/options_table.c %D%/options_table.h
%C%_plait_SOURCES += %D%/values.c %D%/values.h %D%/transforms.c %D%/transforms.h
%C%_plait_SOURCES += %D%/samplers.c %D%/samplers.h
%C%_plait_SOURCES += %D%/bad.c %D%/bad.h
%C%_plait_SOURCES += %D%/job.c %D%/job.h %D%/log.c %D%/log.h
%C%_plait_SOURCES += %D%/train.c %D%/train.h %D%/eval.c %D%/doctor.c %D%/pack.c
%C%_plait_SOURCES += %D%/overlap.c %D%/folder.c %D%/folder.h
%C%_plait_SOURCES += %D%/policies.c %D%/sweep.h %D%/sweep.c %D%/sweep_make.c %D%/sweep_noise.c
%C%_plait_SOURCES += %D%/policies_print.c %D%/policies_write.c
%C%_plait_SOURCES += %D%/models.c %D%/models.h %D%/models_read.c %D%/models_print.c
%C%_plait_SOURCES += %D%/child.c %D%/child.h %D%/measure.c %D%/measure.h
%C%_plait_SOURCES += %D%/load.c %D%/load.h %D%/load_state.c %D%/load_print.c
%C%_plait_SOURCES += %D%/memory.c %D%/memory.h %D%/data.c %D%/survey.c %D%/survey.h
%C%_plait_SOURCES += %D%/view.c %D%/view.h %D%/sheet.c %D%/png.c %D%/sheet.h
# Reading a trace and reporting on it, without the program: tests have these too.
TRACE_SOURCES = %D%/trace_rec.c %D%/trace_rec.h %D%/trace_timeline.c %D%/trace_timeline.h \
  %D%/trace_tasks.c %D%/trace_states.c %D%/trace_paje.c %D%/trace_window.c %D%/trace_spans.c \
  %D%/trace_spans.h %D%/trace_steps.c %D%/trace_steps.h %D%/trace_analyse.c %D%/trace_analyse.h \
  %D%/trace_analyse_phases.c %D%/trace_analyse_device.c %D%/trace_analyse_chains.c \
  %D%/trace_analyse_stalls.c %D%/trace_json.c %D%/trace_timeline_json.c \
  %D%/report.c %D%/report.h
%C%_plait_SOURCES += $(TRACE_SOURCES) %D%/trace.c %D%/trace.h %D%/trace_convert.c
%C%_plait_SOURCES += %D%/trace_text.c %D%/trace_perfetto.c %D%/trace_svg.c
%C%_plait_SOURCES += %D%/trace_svg.h %D%/trace_svg_frame.c
%C%_plait_SOURCES += %D%/trace_run.c %D%/trace_run.h
%C%_plait_SOURCES += %D%/page.c %D%/page.h
nodist_%C%_plait_SOURCES = %D%/page_text.c
%C%_plait_LDADD = $(LDADD) $(JANSSON_LIBS)
dist_man_MANS += %D%/plait.1

# The pages that the program writes, as strings in page_text.c: see build-aux/embed-pages.awk.
PAGES = trace policies
PAGE_FILES = $(addprefix %D%/page/, trace.html policies.html page.css page.js chart.js \
  spans.js timeline.js timeline_draw.js timeline_input.js tables.js trace.js \
  policies.js policies_chart.js)
EMBED_PAGES = build-aux/embed-pages.awk
EXTRA_DIST += $(EMBED_PAGES) $(PAGE_FILES)
CLEANFILES += %D%/page_text.c
%D%/page_text.c: $(EMBED_PAGES) $(PAGE_FILES)
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(AWK) -v dir=$(srcdir)/%D%/page -f $(srcdir)/$(EMBED_PAGES) $(PAGES) >$@-t && mv $@-t $@
