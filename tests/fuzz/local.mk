# SPDX-License-Identifier: MIT
# libFuzzer targets, one for each reader of files from outside. Their name is a word here,
# their source is %D%/name.c, good files to start from come from %D%/seeds.c.
#   make fuzz [FUZZ_SECONDS=60]     each target for so long, on what earlier runs found
# make check runs them for a few seconds in all. Both need clang; without it they skip.
FUZZ_NAMES   = image npy idx csv tar cifar10 packed safetensors state trace
FUZZ_SECONDS = 60
FUZZ_FLAGS   = -std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all

# The part of the library that reads files, compiled by clang; it knows nothing of StarPU.
FUZZ_PARTS = $(filter $(addprefix src/, base/%.c image/%.c dataset/%.c transform/%.c \
  checkpoint/%.c loader/state.c), $(libplait_all_la_SOURCES) $(FORMATS))
FUZZ_OBJECTS = $(FUZZ_PARTS:%.c=%D%/objects/%.$(OBJEXT)) %D%/objects/%D%/fuzz.$(OBJEXT)
# The program's readers of traces, and what it makes of them; of its target alone.
FUZZ_TRACE   = $(patsubst %.c,%D%/objects/%.$(OBJEXT),$(filter %.c,$(TRACE_SOURCES)))
FUZZ_TARGETS = $(FUZZ_NAMES:%=%D%/fuzz-%)
FUZZ_LIBS    = $(JANSSON_LIBS) $(ZLIB_LIBS) $(JPEG_LIBS) $(PNG_LIBS) $(ARCHIVE_LIBS) -lm

EXTRA_DIST += $(FUZZ_NAMES:%=%D%/%.c) %D%/fuzz.c %D%/fuzz.h
EXTRA_PROGRAMS += %D%/seeds
%C%_seeds_SOURCES = %D%/seeds.c tests/files.c tests/files.h tests/pictures.c tests/pictures.h

%D%/objects/%.$(OBJEXT): %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(FUZZ_CC) $(DEFS) -I. $(AM_CPPFLAGS) $(CPPFLAGS) $(FUZZ_FLAGS) \
	  -fsanitize=fuzzer-no-link -MMD -MF $@.d -c -o $@ $<
FUZZ_FOLDERS = %D%/objects/src/*/ %D%/objects/src/*/*/ %D%/objects/src/*/*/*/ %D%/objects/%D%/
-include $(wildcard $(FUZZ_FOLDERS:%=%*.d))
.SECONDARY: $(FUZZ_NAMES:%=%D%/objects/%D%/%.$(OBJEXT))

%D%/fuzz-trace: $(FUZZ_TRACE)
%D%/fuzz-%: %D%/objects/%D%/%.$(OBJEXT) $(FUZZ_OBJECTS)
	$(AM_V_CCLD)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(FUZZ_LIBS)

if HAVE_FUZZER
check_DATA += $(FUZZ_TARGETS) %D%/seeds$(EXEEXT)
endif
dist_check_SCRIPTS += %D%/run.sh

.PHONY: fuzz
fuzz:
	@test -n '$(FUZZ_CC)' || { \
	  echo 'make fuzz needs clang with libFuzzer: install clang, then configure again' >&2; exit 1; }
	@$(MAKE) $(AM_MAKEFLAGS) $(FUZZ_TARGETS) %D%/seeds$(EXEEXT)
	@SRC='$(abs_top_srcdir)' BUILD='$(abs_top_builddir)' FUZZ_NAMES='$(FUZZ_NAMES)' \
	  FUZZ_SECONDS='$(FUZZ_SECONDS)' FUZZ_CORPUS='$(abs_builddir)/%D%/corpus' \
	  $(SHELL) $(srcdir)/%D%/run.sh

MOSTLYCLEANFILES += %D%/seeds$(EXEEXT) $(FUZZ_TARGETS) $(FUZZ_FOLDERS:%=%*.$(OBJEXT)*)
