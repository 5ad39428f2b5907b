# SPDX-License-Identifier: MIT
# The ops: one .c file each, with its kernels for CUDA beside it in cuda/.
libplait_all_la_SOURCES += %D%/op.c %D%/op.h %D%/ops.def
libplait_all_la_SOURCES += %D%/cuda.h %D%/formula.h %D%/rows.h
libplait_all_la_SOURCES += %D%/gemm.c %D%/gemm.h
libplait_all_la_SOURCES += %D%/linear.c
libplait_all_la_SOURCES += %D%/relu.c
libplait_all_la_SOURCES += %D%/gelu.c
libplait_all_la_SOURCES += %D%/tanh.c
libplait_all_la_SOURCES += %D%/sigmoid.c
libplait_all_la_SOURCES += %D%/softmax.c
libplait_all_la_SOURCES += %D%/flatten.c
libplait_all_la_SOURCES += %D%/add.c
libplait_all_la_SOURCES += %D%/scale.c
libplait_all_la_SOURCES += %D%/cross_entropy.c
libplait_all_la_SOURCES += %D%/mse.c
libplait_all_la_SOURCES += %D%/accuracy.c
libplait_all_la_SOURCES += %D%/sgd.c
libplait_all_la_SOURCES += %D%/adam.c

# The .cu files are listed once: nvcc compiles them into the library, and the
# tests compile them again for the host.
CUDA_SOURCES =

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
