# SPDX-License-Identifier: MIT
# The numbered course: each example is a user of the public API and links libplait alone.
# `make` builds them, tests/examples.sh runs them.
examples = %D%/01_task %D%/02_graph %D%/03_classify %D%/04_regress %D%/05_fashion_mnist \
  %D%/06_loader %D%/07_images %D%/08_own_task %D%/10_own_loop %D%/11_inference %D%/12_own_op %D%/13_pool %D%/14_parallel %D%/15_sweep %D%/16_cnn %D%/17_resnet
noinst_PROGRAMS += $(examples)
# 09_policy.c is a shared object, which tests/cli/sched_lib.sh compiles.
# All of them are installed, with a Makefile.
examplesdir = $(docdir)/examples
dist_examples_DATA = %D%/Makefile %D%/09_policy.c $(addsuffix .c,$(examples))
%C%_01_task_LDADD          = libplait.la $(STARPU_LIBS)
%C%_02_graph_LDADD         = libplait.la
%C%_03_classify_LDADD      = libplait.la
%C%_04_regress_LDADD       = libplait.la
%C%_05_fashion_mnist_LDADD = libplait.la
%C%_06_loader_LDADD        = libplait.la
%C%_07_images_LDADD        = libplait.la
%C%_08_own_task_LDADD      = libplait.la $(STARPU_LIBS)
%C%_10_own_loop_LDADD      = libplait.la
%C%_11_inference_LDADD     = libplait.la
%C%_12_own_op_LDADD        = libplait.la -lm
%C%_13_pool_LDADD          = libplait.la
%C%_14_parallel_LDADD      = libplait.la
%C%_15_sweep_LDADD         = libplait.la
%C%_16_cnn_LDADD            = libplait.la
%C%_17_resnet_LDADD         = libplait.la
