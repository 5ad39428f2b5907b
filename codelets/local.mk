# SPDX-License-Identifier: MIT
# A room is an op's .c file in a folder here and, where it has kernels for CUDA, the .cu file of the
# same name beside it. Rooms and folders are found, not listed: a new op needs no line in a makefile
# and none in an index.
# Automake wants sources listed, so rooms are linked as objects and distributed as extra files.
# The index of ops, ops.def, is read from the records that end each room. It is in the order of their
# names, and so are the words that messages list: no matter which room an op is in.
#
# What the rooms share stands in shared/, what oneDNN computes in dnnl/, and what the .cu files
# share in cuda/. The tests compile the sources of shared/ again too, with CUDA on the host.
CODELET_SOURCES = %D%/shared/room.c %D%/shared/call.c %D%/shared/gemm.c %D%/shared/gemm_small.c \
  %D%/shared/gemm_large.c %D%/shared/bf16.c %D%/shared/gemm_8.c %D%/shared/gemm_16.c %D%/shared/register.c \
  %D%/arguments.c %D%/shared/columns.c %D%/clip/update.c %D%/model.c \
  %D%/dnnl/convolution.c %D%/dnnl/gemm_bf16.c %D%/dnnl/kernel.c %D%/dnnl/matmul.c %D%/dnnl/normalization.c %D%/dnnl/thread.c \
  %D%/grammar.c %D%/presets.c %D%/words.c
libplait_all_la_SOURCES += $(CODELET_SOURCES)

CODELET_FILES = $(wildcard $(srcdir)/%D%/*.[ch] $(srcdir)/%D%/*/*.[ch] $(srcdir)/%D%/*/*.cu)
ROOMS         = $(filter-out $(CODELET_SOURCES),$(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/%D%/*/*.c)))
CUDA_ROOMS    = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/%D%/*/*.cu))
ROOM_OBJECTS  = $(ROOMS:.c=.lo)
EXTRA_DIST   += $(CODELET_FILES)

BUILT_SOURCES += %D%/ops.def
CLEANFILES    += %D%/ops.def
%D%/ops.def: $(ROOMS)
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)sed -n \
	  -e 's/^const struct plait_op plait__op_\([a-z0-9_]*\) = {$$/PLAIT__OP(\1)/p' \
	  -e 's/^PLAIT__ELEMENTWISE[_A-Z]*(\([a-z0-9_]*\),.*/PLAIT__OP(\1) PLAIT__OP(\1_bwd)/p' \
	  -e 's/^PLAIT__TERMS(\([a-z0-9_]*\),.*/PLAIT__OP(\1) PLAIT__OP(\1_bwd)/p' \
	  $^ >$@-t && LC_ALL=C sort -o $@-t $@-t && mv $@-t $@
# Who is built before its dependencies are known needs the index to be there.
$(libplait_all_la_OBJECTS) $(ROOM_OBJECTS) $(CUDA_ROOMS:.cu=.cu.lo): | %D%/ops.def

if HAVE_CUDA
ROOM_OBJECTS += $(CUDA_ROOMS:.cu=.cu.lo)
libplait_all_la_LIBADD += $(CUDA_LIBS)
endif
libplait_all_la_LIBADD += $(ROOM_OBJECTS)
EXTRA_libplait_all_la_DEPENDENCIES += $(ROOM_OBJECTS)
# Header dependencies of the rooms: the rule of automake's own .c files writes them. The folders for
# them are made here, as automake makes those of listed sources only. Their names are absolute, so
# that make does not take those that a build in the source tree has left there for these.
ROOM_DEPDIRS = $(patsubst %,$(abs_builddir)/%$(DEPDIR),$(sort $(dir $(ROOMS))))
$(ROOMS:.c=.lo): | $(ROOM_DEPDIRS)
$(ROOM_DEPDIRS):
	@$(MKDIR_P) $@
-include $(wildcard $(addsuffix /*.Plo,$(ROOM_DEPDIRS)))

# nvcc under libtool. libtool would add a bare -fPIC, which nvcc rejects, and it
# swallows -Xcompiler as its own option; so: no PIC flag from libtool, and the
# long spelling for ours. -MMD keeps header dependencies. The object of NAME.cu
# is NAME.cu.lo, because NAME.lo is that of NAME.c.
AM_V_NVCC   = $(AM_V_NVCC_@AM_V@)
AM_V_NVCC_  = $(AM_V_NVCC_@AM_DEFAULT_V@)
AM_V_NVCC_0 = @echo "  NVCC    " $@;
AM_V_NVCC_1 =
LTNVCC = $(LIBTOOL) $(AM_V_lt) --tag=CC $(LIBTOOLFLAGS) --mode=compile $(NVCC) \
  -prefer-non-pic --compiler-options=-fPIC,-fvisibility=hidden,-Wall \
  $(DEFS) -I. $(AM_CPPFLAGS) $(NVCCFLAGS)
%.cu.lo: %.cu
	@$(MKDIR_P) $(@D)
	$(AM_V_NVCC)$(LTNVCC) -MMD -MP -MT $@ -MF $@.d -c -o $@ $<
-include $(wildcard $(CUDA_ROOMS:.cu=.cu.lo.d))
MOSTLYCLEANFILES += codelets/*/*.lo codelets/*/*.$(OBJEXT) codelets/*/*.lo.d
DISTCLEANFILES += codelets/*/$(DEPDIR)/*.Plo
