# SPDX-License-Identifier: MIT
# The ops: one .c file each, with its kernels for CUDA beside it in cuda/.
# The tests compile them again too, with CUDA on the host.
CODELET_SOURCES = \
  %D%/room.c %D%/room.h %D%/ops.h %D%/ops.def %D%/model.c %D%/call.c %D%/formula.h %D%/rows.h %D%/elementwise.h \
  %D%/adam.h %D%/sgd.h %D%/mse.h %D%/normalize.h %D%/cuda/launch.h \
  %D%/cuda/reduce.h %D%/gemm.c %D%/gemm.h \
  %D%/normalize.c %D%/linear.c %D%/relu.c %D%/gelu.c %D%/tanh.c %D%/sigmoid.c %D%/softmax.c %D%/flatten.c \
  %D%/add.c %D%/scale.c %D%/cross_entropy.c %D%/mse.c %D%/accuracy.c %D%/sgd.c %D%/adam.c
libplait_all_la_SOURCES += $(CODELET_SOURCES)

# The .cu files are listed once: nvcc compiles them into the library, and the
# tests compile them again for the host.
CUDA_SOURCES = \
  %D%/cuda/normalize.cu %D%/cuda/linear.cu %D%/cuda/relu.cu %D%/cuda/gelu.cu %D%/cuda/tanh.cu %D%/cuda/sigmoid.cu \
  %D%/cuda/softmax.cu %D%/cuda/add.cu %D%/cuda/scale.cu %D%/cuda/cross_entropy.cu %D%/cuda/mse.cu \
  %D%/cuda/accuracy.cu %D%/cuda/sgd.cu %D%/cuda/adam.cu

if HAVE_CUDA
libplait_all_la_SOURCES += $(CUDA_SOURCES)
libplait_all_la_LIBADD  += $(CUDA_LIBS)
else
EXTRA_DIST += $(CUDA_SOURCES)
endif

# nvcc under libtool. libtool would add a bare -fPIC, which nvcc rejects, and it
# swallows -Xcompiler as its own option; so: no PIC flag from libtool, and the
# long spelling for ours. -MMD keeps header dependencies.
SUFFIXES = .cu
AM_V_NVCC   = $(AM_V_NVCC_@AM_V@)
AM_V_NVCC_  = $(AM_V_NVCC_@AM_DEFAULT_V@)
AM_V_NVCC_0 = @echo "  NVCC    " $@;
AM_V_NVCC_1 =
LTNVCC = $(LIBTOOL) $(AM_V_lt) --tag=CC $(LIBTOOLFLAGS) --mode=compile $(NVCC) \
  -prefer-non-pic --compiler-options=-fPIC,-fvisibility=hidden,-Wall \
  $(DEFS) -I. $(AM_CPPFLAGS) $(NVCCFLAGS)
.cu.lo:
	@$(MKDIR_P) $(@D)
	$(AM_V_NVCC)$(LTNVCC) -MMD -MT $@ -MF $@.d -c -o $@ $<
-include $(wildcard codelets/cuda/*.lo.d)
MOSTLYCLEANFILES += codelets/cuda/*.lo.d
