# SPDX-License-Identifier: MIT
# A test program is one line here; its source is %D%/name.c, it speaks TAP
# (tap.h) and links all of the library, internal functions too:
#   check_PROGRAMS += %D%/name
# It needs more files?      %C%_name_SOURCES = %D%/name.c %D%/other.c
# It needs a GPU?           CUDA_TESTS += %D%/name_cuda  instead; it skips without one,
#                           and #ifndef PLAIT_HAVE_CUDA, where there are no launchers.
# A script is one line too, and uses exit codes (0 pass, 77 skip, 99 hard error):
#   dist_check_SCRIPTS += %D%/name.sh
noinst_HEADERS += %D%/tap.h %D%/resident.h
EXTRA_DIST += %D%/lsan.supp %D%/gpu-check %D%/gpu-check.parts

# -- programs --------------------------------------------------------------------
check_PROGRAMS += %D%/runtime
check_PROGRAMS += %D%/progress
check_PROGRAMS += %D%/reference_runs
check_PROGRAMS += %D%/permutation %D%/tuner %D%/loader %D%/loader_callback %D%/loader_state
check_PROGRAMS += %D%/loader_state_data
check_PROGRAMS += %D%/bad_samples %D%/bad_training
noinst_HEADERS += %D%/bad.h %D%/bad_source.h
check_PROGRAMS += %D%/loader_weights %D%/train_weights
%C%_loader_state_SOURCES = %D%/loader_state.c %D%/files.c
check_PROGRAMS += %D%/sampler %D%/sampler_ranks %D%/sampler_load
noinst_HEADERS += %D%/sampler.h
check_PROGRAMS += %D%/train %D%/train_end %D%/train_events %D%/determinism %D%/memory
check_PROGRAMS += %D%/train_overlap %D%/train_submit
check_PROGRAMS += %D%/graph %D%/gradient %D%/plan %D%/plan_order %D%/plan_run
check_PROGRAMS += %D%/watchdog %D%/loader_cycles
%C%_loader_cycles_SOURCES = %D%/loader_cycles.c %D%/pictures.c %D%/files.c
check_PROGRAMS += %D%/budget %D%/errors %D%/errors_create %D%/train_unreadable
noinst_HEADERS += %D%/nets.h %D%/plans.h
%C%_reference_runs_SOURCES = %D%/reference_runs.c %D%/reference_table.c %D%/reference_table.h
EXTRA_DIST += %D%/reference/make.py
EXTRA_DIST += $(addprefix %D%/reference/, seed-adam.txt linear-sgd.txt linear-momentum.txt \
  linear-nesterov.txt deep-adamw.txt no-bias-single.txt images-adam.txt residual-sgd.txt)
check_PROGRAMS += %D%/dataset_sequences %D%/loader_sequences %D%/dataset %D%/dataset_idx %D%/dataset_npy %D%/dataset_csv %D%/checkpoint
noinst_HEADERS += %D%/files.h %D%/dataset.h
%C%_dataset_idx_SOURCES = %D%/dataset_idx.c %D%/files.c
%C%_dataset_npy_SOURCES = %D%/dataset_npy.c %D%/files.c
%C%_dataset_csv_SOURCES = %D%/dataset_csv.c %D%/files.c
%C%_checkpoint_SOURCES  = %D%/checkpoint.c %D%/files.c
%C%_dataset_SOURCES     = %D%/dataset.c %D%/files.c
check_PROGRAMS += %D%/image %D%/image_bad %D%/dataset_images %D%/dataset_cifar10
check_PROGRAMS += %D%/dataset_tar %D%/dataset_tar_formats
noinst_HEADERS += %D%/pictures.h %D%/tar.h %D%/tree.h
%C%_image_SOURCES               = %D%/image.c %D%/pictures.c
%C%_image_bad_SOURCES           = %D%/image_bad.c %D%/pictures.c %D%/files.c
%C%_dataset_images_SOURCES      = %D%/dataset_images.c %D%/pictures.c %D%/files.c
%C%_dataset_cifar10_SOURCES     = %D%/dataset_cifar10.c %D%/files.c
%C%_dataset_tar_SOURCES         = %D%/dataset_tar.c %D%/pictures.c %D%/files.c
%C%_dataset_tar_formats_SOURCES = %D%/dataset_tar_formats.c %D%/pictures.c %D%/files.c
check_PROGRAMS += %D%/memory_limit %D%/cache %D%/loader_cache %D%/loader_memory
noinst_HEADERS += %D%/cached.h
%C%_memory_limit_SOURCES  = %D%/memory_limit.c %D%/files.c
%C%_loader_cache_SOURCES  = %D%/loader_cache.c %D%/pictures.c %D%/files.c
%C%_loader_memory_SOURCES = %D%/loader_memory.c %D%/pictures.c %D%/files.c
check_PROGRAMS += %D%/packed %D%/packed_bad
noinst_HEADERS += %D%/packed.h
PACKED_TEST = %D%/packed_source.c %D%/pictures.c %D%/files.c
%C%_loader_state_data_SOURCES = %D%/loader_state_data.c $(PACKED_TEST)
%C%_packed_SOURCES     = %D%/packed.c $(PACKED_TEST)
check_PROGRAMS += %D%/bad_images %D%/bad_giants
%C%_bad_images_SOURCES = %D%/bad_images.c $(PACKED_TEST)
%C%_bad_giants_SOURCES = %D%/bad_giants.c %D%/pictures.c %D%/files.c
%C%_packed_bad_SOURCES = %D%/packed_bad.c $(PACKED_TEST)
check_PROGRAMS += %D%/loader_bytes %D%/train_bytes
%C%_loader_bytes_SOURCES = %D%/loader_bytes.c $(PACKED_TEST)
check_PROGRAMS += %D%/formula %D%/model
check_PROGRAMS += %D%/transform %D%/transform_random %D%/transform_words %D%/transform_color
check_PROGRAMS += %D%/transform_bytes
noinst_HEADERS += %D%/transform.h

# What the program writes as pages; without the program's main.
check_PROGRAMS += %D%/pages
%C%_pages_SOURCES = %D%/pages.c %D%/pages_data.c %D%/pages_data.h %D%/files.c src/cli/page.c
nodist_%C%_pages_SOURCES = src/cli/page_text.c
%C%_pages_LDADD = $(LDADD) $(JANSSON_LIBS)

# The program's report on traces made by hand.
check_PROGRAMS += %D%/trace
noinst_HEADERS += %D%/trace.h
%C%_trace_SOURCES = %D%/trace.c %D%/files.c
%C%_trace_LDADD = $(LDADD) $(JANSSON_LIBS)

# What its comparisons claim.
check_PROGRAMS += %D%/sweep
%C%_sweep_SOURCES = %D%/sweep.c src/cli/sweep_noise.c src/cli/report.c
%C%_sweep_LDADD = $(LDADD) $(JANSSON_LIBS)

# Every op, from one table: on the CPU, on CUDA as the host plays it, on a GPU.
OPS_TEST = %D%/ops.c %D%/ops.h %D%/ops_table.c %D%/ops_run.c %D%/ops_gradient.c %D%/ops_update.c \
  %D%/ops_losses.c %D%/ops_weights.c
check_PROGRAMS += %D%/ops %D%/ops_cudahost %D%/cudahost_self
%C%_ops_SOURCES = $(OPS_TEST) %D%/ops_cpu.c

# The very same .cu files, by the C++ compiler, with the headers of cudahost.
CUDAHOST = %D%/cudahost/fibers.cc %D%/cudahost/runtime.cc %D%/cudahost/cudahost.h \
  %D%/cudahost/cuda_runtime.h %D%/cudahost/cublas_v2.h
CUDAHOST_OBJECTS  = $(patsubst codelets/cuda/%.cu,%D%/cudahost/%.$(OBJEXT),$(CUDA_SOURCES))
CUDAHOST_CPPFLAGS = -I$(srcdir)/%D%/cudahost $(AM_CPPFLAGS)
CUDAHOST_CXXFLAGS = -std=gnu++17 -Wall -Wextra
%D%/cudahost/%.$(OBJEXT): codelets/cuda/%.cu
	@$(MKDIR_P) $(@D)
	$(AM_V_CXX)$(CXX) $(DEFS) -I. $(CUDAHOST_CPPFLAGS) $(CPPFLAGS) $(CUDAHOST_CXXFLAGS) $(CXXFLAGS) \
	  -MMD -MF $@.d -x c++ -c -o $@ $<
-include $(wildcard tests/cudahost/*.$(OBJEXT).d)
MOSTLYCLEANFILES += %D%/cudahost/*.$(OBJEXT) %D%/cudahost/*.$(OBJEXT).d

%C%_ops_cudahost_SOURCES  = $(OPS_TEST) %D%/ops_cuda.c $(CODELET_SOURCES) $(CUDAHOST)
%C%_ops_cudahost_CPPFLAGS = $(CUDAHOST_CPPFLAGS) -DPLAIT_HAVE_CUDA
%C%_ops_cudahost_CXXFLAGS = $(CUDAHOST_CXXFLAGS)
%C%_ops_cudahost_LDADD    = $(CUDAHOST_OBJECTS) $(LDADD)
%C%_ops_cudahost_DEPENDENCIES = $(CUDAHOST_OBJECTS) $(LDADD)
%C%_cudahost_self_SOURCES  = %D%/cudahost_self.cc $(CUDAHOST)
%C%_cudahost_self_CPPFLAGS = $(CUDAHOST_CPPFLAGS)
%C%_cudahost_self_CXXFLAGS = $(CUDAHOST_CXXFLAGS)
%C%_cudahost_self_LDADD    =

# -- programs that need a GPU ----------------------------------------------------
if HAVE_CUDA
CUDA_TESTS += %D%/ops_cuda
endif
%C%_ops_cuda_SOURCES = $(OPS_TEST) %D%/ops_cuda.c

# -- scripts ---------------------------------------------------------------------
dist_check_SCRIPTS += %D%/symbols.sh %D%/headers.sh %D%/layers.sh %D%/glue.sh %D%/starpu-wait.sh
dist_check_SCRIPTS += %D%/cli_policies.sh %D%/cli_models.sh %D%/cli_trace.sh
%D%/cli_trace.log: %D%/trace$(EXEEXT)
dist_check_SCRIPTS += %D%/cli_pack.sh %D%/cli_sampler.sh %D%/cli_bad.sh
dist_check_SCRIPTS += %D%/cli.sh %D%/cli_data.sh %D%/cli_load.sh
dist_check_SCRIPTS += %D%/examples.sh
dist_check_SCRIPTS += %D%/readme.sh
dist_check_SCRIPTS += %D%/cli_read.sh
EXTRA_DIST += %D%/shim_read.c %D%/cli-common
dist_check_SCRIPTS += %D%/pages_browser.sh
EXTRA_DIST += %D%/pages_drive.js
%D%/pages_browser.log: %D%/pages$(EXEEXT)
# What draws images for them.
EXTRA_PROGRAMS += %D%/draw
CLEANFILES += %D%/draw
%C%_draw_SOURCES = %D%/draw.c %D%/pictures.c %D%/pictures.h
%D%/cli_data.log %D%/cli_bad.log %D%/examples.log %D%/cli_read.log: %D%/draw$(EXEEXT)

# -- how they run ----------------------------------------------------------------
check_PROGRAMS += $(CUDA_TESTS)
TESTS += $(check_PROGRAMS) $(dist_check_SCRIPTS)
TEST_EXTENSIONS = .sh
LOG_DRIVER      = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
# A test that hangs is a test that fails.
TEST_TIMEOUT     = 300
LOG_COMPILER     = timeout --foreground -k 5 $(TEST_TIMEOUT)
SH_LOG_COMPILER  = timeout --foreground -k 5 $(TEST_TIMEOUT) $(SHELL)
# Idle StarPU workers spin, so tests run one after another even under make -j.
serial_tests := $(if $(filter %.log,$(MAKECMDGOALS)),$(eval .NOTPARALLEL:))

# What the user has set for StarPU is not what is tested. It writes performance models
# under STARPU_HOME: they stay in the build tree. Losses are compared bit for bit on CPUs,
# so tests see a GPU only where they ask for one, or with CHECK_NCUDA=1.
# A plugin of hwloc leaks, and none is needed.
CHECK_NCUDA = 0
AM_TESTS_ENVIRONMENT = \
  for name in `env | $(SED) -n 's/^\(STARPU_[A-Z0-9_]*\)=.*/\1/p'`; do unset $$name; done; \
  STARPU_NCPU=2 STARPU_NCUDA=$(CHECK_NCUDA) STARPU_WORKERS_NOBIND=1 STARPU_SILENT=1; \
  export STARPU_NCPU STARPU_NCUDA STARPU_WORKERS_NOBIND STARPU_SILENT; unset XDG_CACHE_HOME; \
  STARPU_HOME='$(abs_builddir)' HWLOC_PLUGINS_PATH=/nonexistent; \
  export STARPU_HOME HWLOC_PLUGINS_PATH; \
  CC='$(CC)' CXX='$(CXX)' NVCC='$(NVCC)' CFLAGS='$(CFLAGS)' SRC='$(abs_top_srcdir)' BUILD='$(abs_top_builddir)' \
  LIB='$(abs_top_builddir)/.libs/libplait.so' \
  CPPFLAGS='$(STARPU_CPPFLAGS) $(HWLOC_CFLAGS) $(DNNL_CFLAGS) $(ZLIB_CFLAGS) $(CUDA_CPPFLAGS)'; \
  export CC CXX NVCC CFLAGS SRC BUILD LIB CPPFLAGS;

# -- other ways to run them ------------------------------------------------------
.PHONY: check-cuda check-sanitize bench bench-programs format-check clean-tests
check-cuda:
	@test -n '$(CUDA_TESTS)' || echo 'check-cuda: skipped, this build is without CUDA'
	test -z '$(CUDA_TESTS)' || $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(CUDA_TESTS)' CHECK_NCUDA=1

# The same tests under AddressSanitizer, in a build tree inside this one. CUDA
# is left out: its libraries are not ours to check.
SANITIZE_FLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
  -fno-sanitize-recover=all
check-sanitize:
	@test ! -f $(srcdir)/config.status || { \
	  echo "check-sanitize needs a build outside of the source tree:" >&2; \
	  echo "  make distclean && mkdir build && cd build && ../configure" >&2; exit 1; }
	@$(MKDIR_P) build-sanitize
	cd build-sanitize && { test config.status -nt $(abs_top_srcdir)/configure || \
	  $(abs_top_srcdir)/configure --quiet --with-cuda=no FUZZ_CC=false PKG_CONFIG_PATH='$(PKG_CONFIG_PATH)' \
	    CC='$(CC)' CXX='$(CXX)' CFLAGS='$(SANITIZE_FLAGS)' CXXFLAGS='$(SANITIZE_FLAGS)'; } && \
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
	LSAN_OPTIONS=suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0 \
	$(MAKE) $(AM_MAKEFLAGS) check

# Benchmarks are never part of check: a figure is not a pass or a fail.
bench-programs: $(BENCHES) $(bin_PROGRAMS)
bench: bench-programs
	@$(SHELL) $(srcdir)/tests/bench/run.sh .

# The README's program, by pkg-config and the installed files alone.
installcheck-local:
	$(AM_TESTS_ENVIRONMENT) PLAIT_PC='$(pkgconfigdir)' PKG_CONFIG='$(PKG_CONFIG)' \
	  $(SHELL) $(srcdir)/tests/readme.sh
	'$(bindir)/plait' --version
	test -f '$(man1dir)/plait.1'

format-check:
	@command -v clang-format >/dev/null || { echo 'clang-format is not installed' >&2; exit 1; }
	cd $(srcdir) && find include src codelets examples tests -name '*.[ch]' -o -name '*.cu' -o -name '*.cc' | \
	  xargs -r clang-format --dry-run --Werror

clean-tests:
	-rm -rf .starpu build-sanitize
