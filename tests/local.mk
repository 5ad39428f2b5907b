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
EXTRA_DIST += %D%/lsan.supp %D%/gpu-check $(addprefix %D%/gpu-check., figures parts place report)

# -- programs --------------------------------------------------------------------
check_PROGRAMS += %D%/runtime/runtime %D%/runtime/environment %D%/runtime/topology
noinst_HEADERS += %D%/runtime/folder.h
check_PROGRAMS += %D%/api_null
noinst_HEADERS += %D%/api_null.h %D%/api_null_graph.h
%C%_api_null_SOURCES = %D%/api_null.c %D%/api_null_data.c %D%/api_null_graph.c %D%/api_null_layers.c %D%/api_null_runtime.c \
  %D%/api_null_trainer.c %D%/files.c
check_PROGRAMS += %D%/scores/vectors %D%/scores/scores %D%/trainer/scores
EXTRA_DIST += %D%/scores/make.py %D%/scores/scores.txt
check_PROGRAMS += %D%/trainer/progress
check_PROGRAMS += %D%/trainer/reference_runs %D%/trainer/gpu_losses
check_PROGRAMS += %D%/sampler/permutation %D%/loader/tuner %D%/loader/loader %D%/loader/callback %D%/loader/state
check_PROGRAMS += %D%/loader/state_data
check_PROGRAMS += %D%/loader/bad_samples %D%/trainer/bad_training
noinst_HEADERS += %D%/loader/bad.h %D%/loader/bad_source.h
check_PROGRAMS += %D%/loader/weights %D%/trainer/weights %D%/trainer/classes %D%/trainer/losses %D%/trainer/metrics
%C%_loader_state_SOURCES = %D%/loader/state.c %D%/files.c
check_PROGRAMS += %D%/sampler/sampler %D%/sampler/ranks %D%/sampler/load
noinst_HEADERS += %D%/sampler/sampler.h
check_PROGRAMS += %D%/trainer/train %D%/trainer/end %D%/trainer/events %D%/trainer/determinism %D%/trainer/memory
check_PROGRAMS += %D%/trainer/schedule %D%/trainer/schedule_ways
noinst_HEADERS += %D%/trainer/schedule.h
check_PROGRAMS += %D%/trainer/batchnorm %D%/trainer/folded %D%/trainer/optimizers %D%/trainer/clip
%C%_trainer_batchnorm_SOURCES = %D%/trainer/batchnorm.c %D%/files.c
check_PROGRAMS += %D%/trainer/estimate %D%/trainer/dropout %D%/trainer/dropout_off %D%/trainer/forward_only %D%/trainer/steps_per_task %D%/trainer/split %D%/trainer/split_masked %D%/trainer/place %D%/trainer/place_far %D%/trainer/place_memory %D%/trainer/place_random %D%/trainer/load_chunks
%C%_trainer_forward_only_SOURCES = %D%/trainer/forward_only.c %D%/files.c
check_PROGRAMS += %D%/trainer/run %D%/trainer/run_end %D%/trainer/residual %D%/trainer/concat %D%/trainer/images %D%/trainer/run_slot %D%/trainer/run_value %D%/predictor/predictor
%C%_predictor_predictor_SOURCES = %D%/predictor/predictor.c %D%/files.c
check_PROGRAMS += %D%/predictor/open
%C%_predictor_open_SOURCES = %D%/predictor/open.c %D%/files.c
noinst_HEADERS += %D%/trainer/run.h %D%/gradient/host.h %D%/gradient/reference.h
%C%_trainer_precision_SOURCES = %D%/trainer/precision.c %D%/files.c
%C%_trainer_run_SOURCES = %D%/trainer/run.c %D%/files.c
check_PROGRAMS += %D%/trainer/pool %D%/trainer/pool_end %D%/trainer/pool_shared %D%/trainer/pool_pass %D%/trainer/pool_torch
noinst_HEADERS += %D%/trainer/pool.h %D%/trainer/trained.h %D%/trainer/split.h
check_PROGRAMS += %D%/trainer/overlap %D%/trainer/precision %D%/trainer/submit %D%/trainer/gpu_memory
check_PROGRAMS += %D%/graph/graph %D%/graph/metric %D%/gradient/gradient %D%/gradient/losses %D%/gradient/losses_torch %D%/gradient/layers %D%/gradient/schedule %D%/plan/plan %D%/plan/validate %D%/plan/simulate %D%/plan/order %D%/plan/run
check_PROGRAMS += %D%/trainer/until %D%/trainer/until_time
%C%_trainer_until_SOURCES = %D%/trainer/until.c %D%/files.c
%C%_trainer_until_time_SOURCES = %D%/trainer/until_time.c %D%/files.c
noinst_HEADERS += %D%/trainer/until.h
check_PROGRAMS += %D%/trainer/val_overlap %D%/trainer/val_overlap_end %D%/trainer/val_overlap_graph
noinst_HEADERS += %D%/trainer/val_overlap.h
check_PROGRAMS += %D%/loader/watchdog %D%/loader/cycles
%C%_loader_cycles_SOURCES = %D%/loader/cycles.c %D%/pictures.c %D%/files.c
check_PROGRAMS += %D%/executor/position
check_PROGRAMS += %D%/executor/memory %D%/trainer/errors %D%/trainer/errors_create %D%/trainer/unreadable
noinst_HEADERS += %D%/nets.h %D%/plan/plans.h
%C%_trainer_reference_runs_SOURCES = %D%/trainer/reference_runs.c %D%/trainer/reference_table.c %D%/trainer/reference_table.h
%C%_trainer_gpu_losses_SOURCES = %D%/trainer/gpu_losses.c %D%/trainer/reference_table.c %D%/trainer/reference_table.h
EXTRA_DIST += %D%/reference/schedules.py %D%/reference/schedules.txt
EXTRA_DIST += $(addprefix %D%/reference/, shared.py make.py layers.py layers.txt losses.py losses.txt)
EXTRA_DIST += $(addprefix %D%/reference/, folded.py folded.txt)
EXTRA_DIST += $(addprefix %D%/reference/, seed-adam.txt linear-sgd.txt linear-momentum.txt \
  linear-nesterov.txt deep-adamw.txt no-bias-single.txt images-adam.txt residual-sgd.txt pool.txt \
  l1-sgd.txt huber-momentum.txt bce-adam.txt classes-sgd.txt smooth-sgd.txt smooth-classes-adam.txt residual-words.txt logs-sgd.txt \
  batchnorm-sgd.txt norms-adam.txt bf16-momentum.txt onecycle-adam.txt \
  cnn-momentum.txt resnet8-momentum.txt mobilenet-small-nesterov.txt)
EXTRA_DIST += %D%/reference/optimizers.py $(addprefix %D%/reference/, rmsprop.txt rmsprop-centered.txt adagrad.txt \
  nadam.txt lamb.txt lion.txt muon.txt muon-match-rms.txt clip-norm-adam.txt clip-norm-momentum.txt clip-value-momentum.txt)
check_PROGRAMS += %D%/dataset/sequences %D%/loader/sequences %D%/dataset/dataset %D%/dataset/idx %D%/dataset/npy %D%/dataset/csv %D%/checkpoint/checkpoint %D%/checkpoint/damaged
noinst_HEADERS += %D%/checkpoint/file.h
noinst_HEADERS += %D%/files.h %D%/dataset/dataset.h
%C%_dataset_idx_SOURCES = %D%/dataset/idx.c %D%/files.c
%C%_dataset_npy_SOURCES = %D%/dataset/npy.c %D%/files.c
check_PROGRAMS += %D%/dataset/npy_types %D%/dataset/npy_bad
noinst_HEADERS += %D%/dataset/npy.h
%C%_dataset_npy_types_SOURCES = %D%/dataset/npy_types.c %D%/files.c
%C%_dataset_npy_bad_SOURCES = %D%/dataset/npy_bad.c %D%/files.c
%C%_dataset_csv_SOURCES = %D%/dataset/csv.c %D%/files.c
%C%_checkpoint_checkpoint_SOURCES  = %D%/checkpoint/checkpoint.c %D%/files.c
%C%_checkpoint_damaged_SOURCES     = %D%/checkpoint/damaged.c %D%/files.c
%C%_dataset_dataset_SOURCES     = %D%/dataset/dataset.c %D%/files.c
check_PROGRAMS += %D%/dataset/unlabelled
%C%_dataset_unlabelled_SOURCES = %D%/dataset/unlabelled.c %D%/files.c
check_PROGRAMS += %D%/image/image %D%/image/bad %D%/dataset/images %D%/dataset/cifar10
check_PROGRAMS += %D%/dataset/tar %D%/dataset/tar_formats %D%/dataset/left_out
%C%_dataset_left_out_SOURCES = %D%/dataset/left_out.c %D%/pictures.c %D%/files.c
noinst_HEADERS += %D%/pictures.h %D%/tar.h %D%/tree.h
%C%_image_image_SOURCES               = %D%/image/image.c %D%/pictures.c
%C%_image_bad_SOURCES           = %D%/image/bad.c %D%/pictures.c %D%/files.c
%C%_dataset_images_SOURCES      = %D%/dataset/images.c %D%/pictures.c %D%/files.c
%C%_dataset_cifar10_SOURCES     = %D%/dataset/cifar10.c %D%/files.c
%C%_dataset_tar_SOURCES         = %D%/dataset/tar.c %D%/pictures.c %D%/files.c
%C%_dataset_tar_formats_SOURCES = %D%/dataset/tar_formats.c %D%/pictures.c %D%/files.c
check_PROGRAMS += %D%/runtime/memory_limit %D%/loader/cache %D%/loader/cached %D%/loader/memory
noinst_HEADERS += %D%/loader/cached.h
%C%_runtime_memory_limit_SOURCES  = %D%/runtime/memory_limit.c %D%/files.c
%C%_loader_cached_SOURCES  = %D%/loader/cached.c %D%/pictures.c %D%/files.c
%C%_loader_memory_SOURCES = %D%/loader/memory.c %D%/pictures.c %D%/files.c
check_PROGRAMS += %D%/dataset/packed %D%/dataset/packed_bad
noinst_HEADERS += %D%/dataset/packed.h
PACKED_TEST = %D%/dataset/packed_source.c %D%/pictures.c %D%/files.c
%C%_loader_state_data_SOURCES = %D%/loader/state_data.c $(PACKED_TEST)
%C%_dataset_packed_SOURCES     = %D%/dataset/packed.c $(PACKED_TEST)
check_PROGRAMS += %D%/loader/bad_images %D%/loader/bad_giants
%C%_loader_bad_images_SOURCES = %D%/loader/bad_images.c $(PACKED_TEST)
%C%_loader_bad_giants_SOURCES = %D%/loader/bad_giants.c %D%/pictures.c %D%/files.c
%C%_dataset_packed_bad_SOURCES = %D%/dataset/packed_bad.c $(PACKED_TEST)
check_PROGRAMS += %D%/loader/bytes %D%/trainer/bytes
%C%_loader_bytes_SOURCES = %D%/loader/bytes.c $(PACKED_TEST)
check_PROGRAMS += %D%/codelets/formula %D%/codelets/gemm %D%/codelets/bf16 %D%/codelets/convolution %D%/codelets/model %D%/codelets/residual %D%/codelets/images
# Counts the calls of oneDNN's product.
%C%_codelets_gemm_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dnnl_sgemm
check_PROGRAMS += %D%/transform/transform %D%/transform/random %D%/transform/words %D%/transform/color
check_PROGRAMS += %D%/transform/bytes
noinst_HEADERS += %D%/transform/transform.h

# What the program writes as pages; without the program's main.
check_PROGRAMS += %D%/cli/pages
check_PROGRAMS += %D%/cli/frames
%C%_cli_frames_SOURCES = %D%/cli/frames.c src/cli/dashboard/frame.c src/cli/dashboard/frame_rows.c src/cli/dashboard/dots.c
%C%_cli_pages_SOURCES = %D%/cli/pages.c %D%/cli/pages_data.c %D%/cli/pages_data.h %D%/files.c src/cli/page/page.c
nodist_%C%_cli_pages_SOURCES = src/cli/page_text.c
%C%_cli_pages_LDADD = $(LDADD) $(JANSSON_LIBS)

# The program's report on traces made by hand.
check_PROGRAMS += %D%/cli/trace_report %D%/cli/trace_broken
noinst_HEADERS += %D%/cli/trace.h %D%/cli/trace_check.h
%C%_cli_trace_report_SOURCES = %D%/cli/trace_report.c %D%/cli/trace_check.c %D%/files.c
%C%_cli_trace_report_LDADD = $(LDADD) $(JANSSON_LIBS)
%C%_cli_trace_broken_SOURCES = %D%/cli/trace_broken.c %D%/cli/trace_check.c %D%/files.c
%C%_cli_trace_broken_LDADD = $(LDADD) $(JANSSON_LIBS)

# What its comparisons claim.
check_PROGRAMS += %D%/cli/uses
%C%_cli_uses_LDADD = $(LDADD) $(JANSSON_LIBS)
%C%_cli_uses_SOURCES = %D%/cli/uses.c src/cli/options/check.c src/cli/options/parse.c src/cli/options/schedule.c src/cli/options/sweep.c src/cli/options/table.c src/cli/options/texts.c \
  src/cli/until/options.c src/cli/options/reader.c src/cli/options/config.c src/cli/options/in_force.c src/cli/writer.c \
  src/cli/options/shape.c src/cli/options/usage.c src/cli/options/values.c src/cli/options/grain.c src/cli/options/optimizer.c src/cli/files/check.c src/cli/files/gather.c \
  src/cli/files/identity.c src/cli/scores/words.c
check_PROGRAMS += %D%/cli/lr_curve
%C%_cli_lr_curve_SOURCES = %D%/cli/lr_curve.c src/cli/lr_find/curve.c
check_PROGRAMS += %D%/cli/faster
%C%_cli_faster_SOURCES = %D%/cli/faster.c src/cli/measure/faster.c
check_PROGRAMS += %D%/cli/interrupt
%C%_cli_interrupt_SOURCES = %D%/cli/interrupt.c src/cli/interrupt.c
check_PROGRAMS += %D%/cli/sweep
%C%_cli_sweep_SOURCES = %D%/cli/sweep.c src/cli/policies/noise.c src/cli/median.c src/cli/output.c
%C%_cli_sweep_LDADD = $(LDADD) $(JANSSON_LIBS)

# Every op, from one table: on the CPU, on the virtual GPU, on a GPU.
OPS_HARNESS = %D%/codelets/ops.h %D%/codelets/ops_rows.h %D%/codelets/ops_check.c %D%/codelets/ops_run.c %D%/codelets/ops_gradient.c
OPS_TEST = $(OPS_HARNESS) \
  %D%/codelets/ops.c \
  %D%/codelets/ops_table.c \
  %D%/codelets/ops_clip.c %D%/codelets/ops_update.c %D%/codelets/ops_update_rules.c %D%/codelets/ops_update.h \
  %D%/codelets/ops_losses.c \
  %D%/codelets/ops_labels.c \
  %D%/codelets/ops_images.c \
  %D%/codelets/ops_images.h \
  %D%/codelets/ops_pools.c \
  %D%/codelets/ops_conv.c \
  %D%/codelets/ops_norm.c \
  %D%/codelets/ops_norm.h \
  %D%/codelets/ops_layernorm.c \
  %D%/codelets/ops_layernorm.h \
  %D%/codelets/ops_terms.c \
  %D%/codelets/ops_activations.c \
  %D%/codelets/ops_weights.c \
  %D%/codelets/ops_metrics.c \
  %D%/codelets/ops_parts.c \
  %D%/codelets/ops_random.c
check_PROGRAMS += %D%/codelets/ops
%C%_codelets_ops_SOURCES = $(OPS_TEST) %D%/codelets/ops_cpu.c

# A plug-in, and programs that load it: they export the library's functions to it, as plait does.
check_PROGRAMS += %D%/plugin/ops %D%/plugin/train %D%/plugin/errors
%C%_plugin_ops_SOURCES = %D%/plugin/ops.c $(OPS_HARNESS) %D%/codelets/ops_cpu.c
%C%_plugin_ops_LDFLAGS    = $(PLUGIN_EXPORTS)
%C%_plugin_train_LDFLAGS  = $(PLUGIN_EXPORTS)
%C%_plugin_errors_LDFLAGS = $(PLUGIN_EXPORTS)
PLUGIN_EXPORTS = -export-dynamic $(AM_LDFLAGS)
PLUGIN_FILES = $(addprefix $(srcdir)/, %D%/plugin/swish.c %D%/plugin/swish.cu %D%/plugin/swish.h include/plait/op.h)
EXTRA_DIST += %D%/plugin/swish.c %D%/plugin/swish.cu %D%/plugin/swish.h
check_DATA = %D%/plugin/swish.so
%D%/plugin/swish.so: $(PLUGIN_FILES)
	@$(MKDIR_P) $(@D)
	$(AM_V_CCLD)$(CC) -I$(top_srcdir)/include $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -shared -fPIC -o $@ \
	  $(srcdir)/%D%/plugin/swish.c -lm
if HAVE_CUDA
check_DATA += %D%/plugin/swish_cuda.so
%D%/plugin/swish_cuda.so: $(PLUGIN_FILES)
	@$(MKDIR_P) $(@D)
	$(AM_V_NVCC)$(NVCC) -I$(top_srcdir)/include -DSWISH_CUDA $(NVCCFLAGS) -cudart shared -shared \
	  --compiler-options=-fPIC -o $@ $(srcdir)/%D%/plugin/swish.c $(srcdir)/%D%/plugin/swish.cu
endif
CLEANFILES += %D%/plugin/*.so %D%/plugin/*.so.d %D%/plugin/*.o

# -- programs that need a GPU ----------------------------------------------------
if HAVE_CUDA
CUDA_TESTS += %D%/codelets/ops_cuda %D%/codelets/cudnn_cuda
endif
%C%_codelets_ops_cuda_SOURCES = $(OPS_TEST) %D%/codelets/ops_cuda.c
%C%_codelets_cudnn_cuda_SOURCES = $(OPS_HARNESS) %D%/codelets/cudnn.c %D%/codelets/ops_cuda.c

# -- scripts ---------------------------------------------------------------------
dist_check_SCRIPTS += %D%/format.sh %D%/symbols.sh %D%/headers.sh %D%/guards.sh %D%/layers.sh %D%/docs.sh %D%/glue.sh %D%/starpu-wait.sh
dist_check_SCRIPTS += %D%/cli/policies.sh %D%/cli/sched_lib.sh %D%/cli/plugin.sh %D%/cli/metric.sh %D%/cli/scores.sh %D%/cli/precision.sh %D%/cli/loss.sh %D%/cli/models.sh %D%/cli/trace.sh %D%/cli/val_overlap.sh %D%/cli/until.sh %D%/cli/parallel.sh %D%/cli/shards_auto.sh %D%/cli/parallel_wrong.sh
%D%/cli/trace.log: %D%/cli/trace_report$(EXEEXT)
dist_check_SCRIPTS += %D%/cli/pack.sh %D%/cli/sampler.sh %D%/cli/bad.sh
dist_check_SCRIPTS += %D%/cli/ends.sh %D%/cli/ends_parallel.sh
EXTRA_DIST += %D%/cli/events.py
dist_check_SCRIPTS += %D%/cli/names.sh %D%/cli/optimizer.sh %D%/cli/clip.sh %D%/cli/config.sh %D%/cli/runs.sh %D%/cli/dashboard.sh
dist_check_SCRIPTS += %D%/cli/model.sh
dist_check_SCRIPTS += %D%/cli/schedule.sh %D%/cli/lr_find.sh
dist_check_SCRIPTS += %D%/cli/pool.sh
dist_check_SCRIPTS += %D%/cli/predict.sh
dist_check_SCRIPTS += %D%/cli/scale.sh
dist_check_SCRIPTS += %D%/cli/cli.sh %D%/cli/data.sh %D%/cli/load.sh
dist_check_SCRIPTS += %D%/examples.sh
dist_check_SCRIPTS += %D%/readme.sh %D%/readme_commands.sh %D%/install.sh
EXTRA_DIST += %D%/stripes
dist_check_SCRIPTS += %D%/cli/read.sh
dist_check_SCRIPTS += %D%/readme.sh
dist_check_SCRIPTS += %D%/cli/read.sh %D%/cli/limits.sh
EXTRA_DIST += %D%/cli/shim_read.c %D%/cli/common
dist_check_SCRIPTS += %D%/cli/pages_browser.sh
EXTRA_DIST += %D%/cli/pages_drive.js
%D%/cli/pages_browser.log: %D%/cli/pages$(EXEEXT)
# What draws images for them.
EXTRA_PROGRAMS += %D%/draw
CLEANFILES += %D%/draw
%C%_draw_SOURCES = %D%/draw.c %D%/pictures.c %D%/pictures.h
%D%/cli/data.log %D%/cli/bad.log %D%/cli/predict.log %D%/examples.log %D%/readme_commands.log %D%/cli/read.log: %D%/draw$(EXEEXT)

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
  STARPU_NCPU=2 STARPU_NCUDA=$(CHECK_NCUDA) STARPU_WORKERS_NOBIND=1 STARPU_SILENT=1 PLAIT_ASSERT=1; \
  export STARPU_NCPU STARPU_NCUDA STARPU_WORKERS_NOBIND STARPU_SILENT PLAIT_ASSERT; unset XDG_CACHE_HOME; \
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

# The same tests under AddressSanitizer, in a build tree inside this one, and some programs on the
# virtual GPU, which takes three times as long there.
SANITIZE_FLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
  -fno-sanitize-recover=all
check-sanitize:
	@test ! -f $(srcdir)/config.status || { \
	  echo "check-sanitize needs a build outside of the source tree:" >&2; \
	  echo "  make distclean && mkdir build && cd build && ../configure" >&2; exit 1; }
	@$(MKDIR_P) build-sanitize
	cd build-sanitize && { test config.status -nt $(abs_top_srcdir)/configure || \
	  $(abs_top_srcdir)/configure --quiet FUZZ_CC=false PKG_CONFIG_PATH='$(PKG_CONFIG_PATH)' \
	    CC='$(CC)' CXX='$(CXX)' CFLAGS='$(SANITIZE_FLAGS)' CXXFLAGS='$(SANITIZE_FLAGS)'; } && \
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
	LSAN_OPTIONS=suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0 \
	$(MAKE) $(AM_MAKEFLAGS) check VGPU_LINKS= \
	  VGPU_TESTS='plan/run loader/loader trainer/end trainer/gpu_memory trainer/train trainer/weights'

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

# Another version of clang-format breaks lines elsewhere, so it can neither pass nor fail this.
format-check:
	@SRC='$(abs_top_srcdir)' $(SHELL) $(srcdir)/tests/format.sh && echo 'format-check: passed'

clean-tests: clean-tests-gpu
	-rm -rf .starpu build-sanitize
