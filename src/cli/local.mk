# SPDX-License-Identifier: MIT
# The program `plait`.
bin_PROGRAMS += %D%/plait
%C%_plait_SOURCES =
%C%_plait_SOURCES += %D%/commands.h %D%/complain.c %D%/complain.h %D%/display.c %D%/display.h %D%/end.c %D%/end.h
%C%_plait_SOURCES += %D%/eval.c %D%/doctor/doctor.c %D%/doctor/nvidia.c %D%/doctor/nvidia.h
%C%_plait_SOURCES += %D%/interrupt.c %D%/interrupt.h %D%/main.c %D%/median.c %D%/median.h
%C%_plait_SOURCES += %D%/memory.c %D%/memory.h
%C%_plait_SOURCES += %D%/until/options.c %D%/until/print.c %D%/until/until.c %D%/until/until.h
%C%_plait_SOURCES += %D%/train.c %D%/train.h %D%/writer.c %D%/writer.h
%C%_plait_SOURCES += %D%/options/check.c %D%/options/check.h
%C%_plait_SOURCES += %D%/options/options.h %D%/options/parse.c %D%/options/parse.h %D%/options/table.c %D%/options/table.def %D%/options/texts.c
%C%_plait_SOURCES += %D%/options/table.h %D%/options/usage.c %D%/options/usage.h
%C%_plait_SOURCES += %D%/options/config.c %D%/options/config.h %D%/options/in_force.c %D%/options/reader.c
%C%_plait_SOURCES += %D%/options/optimizer.c %D%/options/optimizer.h
%C%_plait_SOURCES += %D%/options/sweep.c %D%/options/sweep.h
%C%_plait_SOURCES += %D%/options/schedule.c %D%/options/schedule.h %D%/options/shape.c %D%/options/values.c %D%/options/values.h %D%/options/grain.c %D%/options/grain.h
%C%_plait_SOURCES += %D%/files/check.c %D%/files/files.h %D%/files/gather.c
%C%_plait_SOURCES += %D%/files/identity.c %D%/files/identity.h %D%/files/lock.c
%C%_plait_SOURCES += %D%/job/advice.c %D%/job/advice.h
%C%_plait_SOURCES += %D%/job/bad.c %D%/job/bad.h %D%/job/job.c %D%/job/job.h %D%/job/log.c
%C%_plait_SOURCES += %D%/job/log.h %D%/job/samplers.c %D%/job/samplers.h %D%/job/start.c
%C%_plait_SOURCES += %D%/job/start.h %D%/job/transforms.c %D%/job/transforms.h
%C%_plait_SOURCES += %D%/job/names.c %D%/job/names.h %D%/job/open.c %D%/job/open.h
%C%_plait_SOURCES += %D%/job/net.c %D%/job/net.h %D%/job/loss.c %D%/job/loss.h
%C%_plait_SOURCES += %D%/job/scale.c %D%/job/scale.h
%C%_plait_SOURCES += %D%/pool/pool.c %D%/pool/pool.h %D%/pool/table.c
%C%_plait_SOURCES += %D%/predict/predict.c %D%/predict/predict.h %D%/predict/weights.c
%C%_plait_SOURCES += %D%/predict/write.c
%C%_plait_SOURCES += %D%/measure/batch.c %D%/measure/child.c %D%/measure/child.h %D%/measure/folder.c
%C%_plait_SOURCES += %D%/measure/folder.h %D%/measure/measure.c %D%/measure/measure.h
%C%_plait_SOURCES += %D%/measure/faster.c %D%/measure/overlap.c %D%/measure/shards.c
%C%_plait_SOURCES += %D%/measure/shards.h %D%/measure/turns.c
%C%_plait_SOURCES += %D%/lr_find/curve.c %D%/lr_find/find.c %D%/lr_find/lr_find.h %D%/lr_find/print.c %D%/lr_find/svg.c
%C%_plait_SOURCES += %D%/load/load.c %D%/load/load.h %D%/load/print.c %D%/load/state.c
%C%_plait_SOURCES += %D%/data/data.c %D%/data/pack.c %D%/data/png.c %D%/data/png.h %D%/data/sheet.c
%C%_plait_SOURCES += %D%/data/sheet.h %D%/data/survey.c %D%/data/survey.h %D%/data/view.c
%C%_plait_SOURCES += %D%/data/view.h %D%/data/font.c %D%/data/font.h %D%/data/picture.c %D%/data/picture.h
%C%_plait_SOURCES += %D%/scores/confusion.c %D%/scores/print.c %D%/scores/print.h %D%/scores/put.c %D%/scores/scores.c
%C%_plait_SOURCES += %D%/scores/scores.h %D%/scores/words.c %D%/scores/words.h %D%/scores/worst.c
%C%_plait_SOURCES += %D%/job/words.c %D%/job/words.h
%C%_plait_SOURCES += %D%/model/dot.c %D%/model/layers.c %D%/model/model.c %D%/model/model.h %D%/model/print.c
%C%_plait_SOURCES += %D%/models/models.c %D%/models/models.h %D%/models/print.c
%C%_plait_SOURCES += %D%/models/read.c
%C%_plait_SOURCES += %D%/policies/make.c %D%/policies/noise.c %D%/policies/policies.c
%C%_plait_SOURCES += %D%/policies/print.c %D%/policies/sweep.c %D%/policies/sweep.h
%C%_plait_SOURCES += %D%/policies/write.c
%C%_plait_SOURCES += %D%/dashboard/dashboard.c %D%/dashboard/dashboard.h %D%/dashboard/dots.c %D%/dashboard/dots.h %D%/dashboard/frame.c %D%/dashboard/frame.h %D%/dashboard/frame_rows.c %D%/dashboard/terminal.c %D%/dashboard/terminal.h
%C%_plait_SOURCES += %D%/runs/canvas.c %D%/runs/canvas.h %D%/runs/compare.c %D%/runs/draw.c %D%/runs/follow.c %D%/runs/follow.h %D%/runs/page.c %D%/runs/read.c %D%/runs/runs.c %D%/runs/runs.h %D%/runs/table.c %D%/runs/tensorboard.c %D%/runs/tensorboard.h
%C%_plait_SOURCES += %D%/page/page.c %D%/page/page.h
# Reading a trace and reporting on it, without the program: tests have these too.
TRACE_SOURCES = %D%/json.c %D%/json.h %D%/output.c %D%/output.h
TRACE_SOURCES += %D%/trace/read/paje.c %D%/trace/read/rec.c %D%/trace/read/rec.h
TRACE_SOURCES += %D%/trace/read/states.c %D%/trace/read/tasks.c %D%/trace/read/timeline.c
TRACE_SOURCES += %D%/trace/read/timeline.h %D%/trace/read/interval.c %D%/trace/read/whole.c
TRACE_SOURCES += %D%/trace/analyse/analyse.c %D%/trace/analyse/analyse.h
TRACE_SOURCES += %D%/trace/analyse/chains.c %D%/trace/analyse/device.c
TRACE_SOURCES += %D%/trace/analyse/phases.c %D%/trace/analyse/spans.c %D%/trace/analyse/spans.h
TRACE_SOURCES += %D%/trace/analyse/stalls.c %D%/trace/analyse/steps.c %D%/trace/analyse/steps.h
TRACE_SOURCES += %D%/trace/write/json.c %D%/trace/write/timeline_json.c
%C%_plait_SOURCES += $(TRACE_SOURCES)
%C%_plait_SOURCES += %D%/trace/convert.c %D%/trace/convert.h %D%/trace/run.c %D%/trace/run.h %D%/trace/trace.c
%C%_plait_SOURCES += %D%/trace/trace.h
%C%_plait_SOURCES += %D%/trace/write/perfetto.c %D%/trace/write/picture.c
%C%_plait_SOURCES += %D%/trace/write/picture.h %D%/trace/write/svg.c %D%/trace/write/svg_frame.c
%C%_plait_SOURCES += %D%/trace/write/svg_frame.h %D%/trace/write/text.c
nodist_%C%_plait_SOURCES = %D%/page_text.c
%C%_plait_LDADD = $(LDADD) $(JANSSON_LIBS)
# Plug-ins (--plugin) take the library's functions from the program.
%C%_plait_LDFLAGS = -export-dynamic $(AM_LDFLAGS)
dist_man_MANS += %D%/plait.1

# The pages that the program writes, as strings in page_text.c: see build-aux/embed-pages.awk.
PAGES = trace policies runs
PAGE_FILES = $(addprefix %D%/page/, trace.html policies.html runs.html runs.js page.css page.js chart.js \
  spans.js timeline.js timeline_draw.js timeline_input.js tables.js trace.js \
  policies.js policies_chart.js)
EMBED_PAGES = build-aux/embed-pages.awk
PHASES = src/base/phases.def
EXTRA_DIST += $(EMBED_PAGES) $(PAGE_FILES)
CLEANFILES += %D%/page_text.c
%D%/page_text.c: $(EMBED_PAGES) $(PAGE_FILES) $(PHASES)
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(AWK) -v dir=$(srcdir)/%D%/page -v phases=$(srcdir)/$(PHASES) -f $(srcdir)/$(EMBED_PAGES) $(PAGES) >$@-t && mv $@-t $@
