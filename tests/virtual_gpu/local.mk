# SPDX-License-Identifier: MIT
# A CUDA device that the host plays (virtual_gpu.h), and what runs on it:
#   the table of ops, in every build;
#   where Plait is built with CUDA and StarPU has it, the test programs of VGPU_TESTS and a
#   program plait-gpu, linked once more with this device and with kernels compiled by g++.
VGPU_DIR      = tests/virtual_gpu
VGPU_PARTS  = block capture copy counts device event fiber graph launch memory options pinned stream libraries \
  blas/blas blas/lt blas/lt_descriptors blas/product dnn/convolution dnn/descriptors
VGPU_OBJECTS  = $(VGPU_PARTS:%=%D%/%.$(OBJEXT))
VGPU_KERNELS  = $(patsubst codelets/%.cu,%D%/kernels/%.$(OBJEXT),$(CUDA_ROOMS))
VGPU_ROOMS    = $(patsubst codelets/%.c,%D%/rooms/%.$(OBJEXT),$(ROOMS))
VGPU_INCLUDE  = -I$(srcdir)/%D%/include
VGPU_CXX = $(CXX) $(DEFS) -I. $(VGPU_CPPFLAGS) $(CPPFLAGS) -std=gnu++17 -Wall -Wextra $(CXXFLAGS) -MMD -MP -MF $@.d
EXTRA_DIST += $(VGPU_PARTS:%=%D%/%.cc) %D%/self.h %D%/self_lt.h %D%/virtual_gpu.h %D%/block.h %D%/capture.h %D%/graph.h %D%/fiber.h %D%/run %D%/cli_common %D%/blas/lt.h %D%/dnn/dnn.h \
  %D%/blas/product.h %D%/include/cuda_runtime.h %D%/include/cuda_runtime_api.h %D%/include/cublas_v2.h \
  %D%/include/cublasLt.h %D%/include/cudnn.h

# Kernels see the headers of include/; so does all of it where there are no others. Of cuDNN there may
# be none beside CUDA's.
$(VGPU_KERNELS) $(VGPU_ROOMS) %D%/block.$(OBJEXT) %D%/launch.$(OBJEXT) %D%/dnn/convolution.$(OBJEXT) \
  %D%/dnn/descriptors.$(OBJEXT): VGPU_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS)
if HAVE_CUDA
VGPU_CPPFLAGS = $(AM_CPPFLAGS)
else
VGPU_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS)
endif

%D%/%.$(OBJEXT): $(srcdir)/%D%/%.cc
	@$(MKDIR_P) $(@D)
	$(AM_V_CXX)$(VGPU_CXX) -c -o $@ $<
# Products take most of the time.
%D%/blas/product.$(OBJEXT): CXXFLAGS += -O3
%D%/kernels/%.$(OBJEXT): codelets/%.cu
	@$(MKDIR_P) $(@D)
	$(AM_V_CXX)$(VGPU_CXX) -DPLAIT_HAVE_CUDNN -x c++ -c -o $@ $<
# Rooms with their launchers, in a build without CUDA too.
%D%/rooms/%.$(OBJEXT): codelets/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(CC) $(DEFS) -I. $(VGPU_CPPFLAGS) -DPLAIT_HAVE_CUDA $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
	  -MMD -MP -MF $@.d -c -o $@ $<
-include $(wildcard $(VGPU_DIR)/*.d $(VGPU_DIR)/blas/*.d $(VGPU_DIR)/dnn/*.d $(VGPU_DIR)/kernels/*/*.d $(VGPU_DIR)/rooms/*/*.d)
MOSTLYCLEANFILES += %D%/*.$(OBJEXT) %D%/*.d %D%/blas/*.$(OBJEXT) %D%/blas/*.d %D%/dnn/*.$(OBJEXT) %D%/dnn/*.d %D%/kernels/*/*.$(OBJEXT) %D%/kernels/*/*.d %D%/rooms/*/*.$(OBJEXT) %D%/rooms/*/*.d

check_PROGRAMS += tests/codelets/ops_gpu %D%/self %D%/self_capture %D%/self_graph %D%/self_lt %D%/self_lt_wrong
tests_codelets_ops_gpu_SOURCES  = $(OPS_TEST) tests/codelets/ops_cuda.c $(CODELET_SOURCES)
tests_codelets_ops_gpu_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS) -DPLAIT_HAVE_CUDA
tests_codelets_ops_gpu_LDADD    = $(VGPU_OBJECTS) $(VGPU_KERNELS) $(VGPU_ROOMS) $(LDADD) -lstdc++
tests_codelets_ops_gpu_DEPENDENCIES = $(VGPU_OBJECTS) $(VGPU_KERNELS) $(VGPU_ROOMS) $(LDADD)
# Convolutions by the cuDNN that the host plays.
check_PROGRAMS += tests/codelets/cudnn_gpu
tests_codelets_cudnn_gpu_SOURCES  = $(tests_codelets_cudnn_cuda_SOURCES) $(CODELET_SOURCES)
tests_codelets_cudnn_gpu_CPPFLAGS = $(tests_codelets_ops_gpu_CPPFLAGS) -DVIRTUAL
tests_codelets_cudnn_gpu_LDADD    = $(tests_codelets_ops_gpu_LDADD)
tests_codelets_cudnn_gpu_DEPENDENCIES = $(tests_codelets_ops_gpu_DEPENDENCIES)
# The ops of a plug-in, whose kernels take the device from the program.
check_PROGRAMS += tests/plugin/ops_gpu
tests_plugin_ops_gpu_SOURCES  = tests/plugin/ops.c $(OPS_HARNESS) tests/codelets/ops_cuda.c $(CODELET_SOURCES)
tests_plugin_ops_gpu_CPPFLAGS = $(tests_codelets_ops_gpu_CPPFLAGS)
tests_plugin_ops_gpu_LDFLAGS  = $(PLUGIN_EXPORTS)
tests_plugin_ops_gpu_LDADD    = $(tests_codelets_ops_gpu_LDADD)
tests_plugin_ops_gpu_DEPENDENCIES = $(tests_codelets_ops_gpu_DEPENDENCIES)
check_DATA += tests/plugin/swish_vgpu.so
tests/plugin/swish_vgpu.so: VGPU_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS)
tests/plugin/swish_vgpu.so: $(PLUGIN_FILES)
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(CC) -I$(top_srcdir)/include -DSWISH_CUDA $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -fPIC -c -o $(@D)/swish.o \
	  $(srcdir)/tests/plugin/swish.c
	$(AM_V_CXX)$(VGPU_CXX) -fPIC -shared -o $@ $(@D)/swish.o -x c++ $(srcdir)/tests/plugin/swish.cu
tests/gpu/plain/plugin/train.gpu: VGPU_LINK += -export-dynamic

%C%_self_SOURCES  = %D%/self.cc
%C%_self_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS)
%C%_self_LDADD    = $(VGPU_OBJECTS)
%C%_self_capture_SOURCES  = %D%/self_capture.cc
%C%_self_capture_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS)
%C%_self_capture_LDADD    = $(VGPU_OBJECTS)
%C%_self_graph_SOURCES  = %D%/self_graph.cc
%C%_self_graph_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS)
%C%_self_graph_LDADD    = $(VGPU_OBJECTS)
%C%_self_lt_SOURCES  = %D%/self_lt.cc
%C%_self_lt_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS)
%C%_self_lt_LDADD    = $(VGPU_OBJECTS)
%C%_self_lt_wrong_SOURCES  = %D%/self_lt_wrong.cc
%C%_self_lt_wrong_CPPFLAGS = $(VGPU_INCLUDE) $(AM_CPPFLAGS)
%C%_self_lt_wrong_LDADD    = $(VGPU_OBJECTS)

# -- whole programs ------------------------------------------------------------------------------
# Test programs whose tasks run on a GPU if there is one.
VGPU_TESTS = api_null executor/memory plan/run plugin/train runtime/runtime sampler/load $(VGPU_LOADER:%=loader/%) \
  $(VGPU_TRAINER:%=trainer/%)
VGPU_LOADER = bad_giants bad_images bad_samples bytes cached callback cycles loader memory sequences state weights
VGPU_TRAINER = bad_training batchnorm bytes classes clip concat determinism dropout dropout_off end errors errors_create folded forward_only gpu_losses gpu_memory images losses metrics optimizers overlap pool pool_end pool_pass pool_shared pool_torch progress schedule schedule_ways \
  precision reference_runs run run_end run_slot place place_memory place_random run_value scores split split_masked steps_per_task submit train unreadable until until_time \
  val_overlap val_overlap_end val_overlap_graph weights
# tests/gpu/PASS/NAME.gpu is tests/NAME on the virtual GPU; `run` says what each pass is.
VGPU_PLAIN = $(VGPU_TESTS:%=tests/gpu/plain/%.gpu)
VGPU_SMALL = $(addprefix tests/gpu/small/,trainer/gpu_memory.gpu trainer/train.gpu)
VGPU_TWO   = $(addprefix tests/gpu/two/,trainer/end.gpu trainer/folded.gpu trainer/gpu_memory.gpu trainer/place.gpu trainer/place_memory.gpu trainer/place_random.gpu trainer/scores.gpu trainer/val_overlap.gpu trainer/val_overlap_end.gpu plan/run.gpu)
VGPU_LAG   = $(addprefix tests/gpu/lag/,trainer/gpu_memory.gpu trainer/end.gpu trainer/schedule_ways.gpu trainer/scores.gpu trainer/val_overlap_end.gpu)
VGPU_LINKS = $(VGPU_SMALL) $(VGPU_TWO) $(VGPU_LAG)
# Automake would take these apart, and wrongly.
vgpu_runs := $(eval VGPU_RUNS = $$(VGPU_PLAIN) $$(VGPU_LINKS))
# Which programs these are, for tests/gpu-check, which finds no make where it runs.
tests/gpu/programs: Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)printf '%s\n' $(VGPU_TESTS) >$@
if HAVE_CUDA_TASKS
vgpu_tests := $(eval TESTS += $$(VGPU_RUNS))
check_SCRIPTS = $(VGPU_RUNS) tests/gpu/plait-gpu tests/gpu/programs
endif
dist_check_SCRIPTS += %D%/bits.sh %D%/cli.sh %D%/cli_place.sh %D%/cli_validation.sh %D%/counts.sh %D%/cudnn.sh %D%/limits.sh %D%/start.sh %D%/gpu_check.sh
if HAVE_CUDA_TASKS
%D%/bits.log %D%/cli.log %D%/cli_place.log %D%/cli_validation.log %D%/counts.log %D%/cudnn.log %D%/limits.log %D%/start.log %D%/gpu_check.log: tests/gpu/plait-gpu
%D%/gpu_check.log: tests/gpu/programs tests/gpu/plain/plan/run.gpu tests/gpu/plain/bench/train.gpu tests/codelets/ops_gpu$(EXEEXT) tests/codelets/cudnn_gpu$(EXEEXT)
endif
TEST_EXTENSIONS += .gpu
GPU_LOG_DRIVER   = $(LOG_DRIVER)
GPU_LOG_COMPILER = $(LOG_COMPILER) $(SHELL) $(srcdir)/%D%/run

VGPU_LINK = $(CXXLINK)
# A bench, so that tests/gpu-check can be tried.
VGPU_BENCHES = tests/gpu/plain/bench/train.gpu
$(VGPU_PLAIN) $(VGPU_BENCHES): tests/gpu/plain/%.gpu: tests/%$(EXEEXT) $(VGPU_OBJECTS) $(VGPU_KERNELS)
	@$(MKDIR_P) $(@D)
	$(AM_V_CXXLD)$(VGPU_LINK) $(tests_$(subst /,_,$*)_OBJECTS) $(VGPU_OBJECTS) $(VGPU_KERNELS) \
	  $(tests_$(subst /,_,$*)_LDADD) $(LIBS)
# Another pass is the same program.
$(VGPU_SMALL): tests/gpu/small/%: tests/gpu/plain/%
$(VGPU_TWO): tests/gpu/two/%: tests/gpu/plain/%
$(VGPU_LAG): tests/gpu/lag/%: tests/gpu/plain/%
$(VGPU_LINKS):
	@$(MKDIR_P) $(@D)
	$(AM_V_at)ln -f $< $@
tests/gpu/plait-gpu: VGPU_LINK += -export-dynamic
tests/gpu/plait-gpu: src/cli/plait$(EXEEXT) $(VGPU_OBJECTS) $(VGPU_KERNELS)
	@$(MKDIR_P) $(@D)
	$(AM_V_CXXLD)$(VGPU_LINK) $(src_cli_plait_OBJECTS) $(VGPU_OBJECTS) $(VGPU_KERNELS) $(src_cli_plait_LDADD) $(LIBS)
clean-tests-gpu:
	-rm -rf tests/gpu
