# SPDX-License-Identifier: MIT
# Benchmarks: built and run by `make bench` only. One line each:
# BENCHES += %D%/name        (its source is %D%/name.c)
# and run.sh says how it is run and what of PyTorch it is compared with.
EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES += $(BENCHES)
BENCHES += %D%/ops %D%/products %D%/transform
BENCHES += %D%/train %D%/submit %D%/memory %D%/loader
BENCHES += %D%/load %D%/load_threads %D%/photos
BENCHES += %D%/overlap %D%/val_overlap %D%/parallel %D%/workers %D%/shards %D%/pool %D%/plan %D%/own_loop %D%/predictor
BENCHES += %D%/whole %D%/pool_program
BENCHES += %D%/floor
# oneDNN's primitives made by the same code, but in formats of its choice.
%C%_floor_SOURCES  = %D%/floor.c %D%/job.c %D%/job.h codelets/dnnl/kernel.c
%C%_floor_CPPFLAGS = $(AM_CPPFLAGS) -DPLAIT__IMAGES=dnnl_format_tag_any -DPLAIT__MEMORY=DNNL_MEMORY_ALLOCATE
%C%_train_SOURCES  = %D%/train.c %D%/job.c %D%/job.h
%C%_submit_SOURCES = %D%/submit.c %D%/job.c %D%/job.h
%C%_memory_SOURCES = %D%/memory.c %D%/job.c %D%/job.h
%C%_loader_SOURCES = %D%/loader.c %D%/job.c %D%/job.h
%C%_overlap_SOURCES = %D%/overlap.c %D%/job.c %D%/job.h
%C%_parallel_SOURCES = %D%/parallel.c %D%/job.c %D%/job.h
%C%_workers_SOURCES = %D%/workers.c %D%/job.c %D%/job.h
%C%_shards_SOURCES = %D%/shards.c %D%/job.c %D%/job.h
%C%_pool_SOURCES = %D%/pool.c %D%/job.c %D%/job.h
# The example itself, without the script of libtool's around it.
%C%_pool_program_SOURCES = examples/13_pool.c
%C%_whole_LDADD =
%C%_val_overlap_SOURCES = %D%/val_overlap.c %D%/job.c %D%/job.h
%C%_own_loop_SOURCES = %D%/own_loop.c %D%/job.c %D%/job.h
%C%_predictor_SOURCES = %D%/predictor.c %D%/job.c %D%/job.h
%C%_plan_SOURCES   = %D%/plan.c %D%/job.c %D%/job.h
%C%_load_SOURCES   = %D%/load.c %D%/job.c %D%/job.h
%C%_load_threads_SOURCES = %D%/load_threads.c %D%/load_threads_jpeg.c %D%/load_threads_pixels.c \
  %D%/load_threads.h
%C%_photos_SOURCES = %D%/photos.c tests/pictures.c tests/pictures.h
# A clock around the library's own function, without a line of it changed.
%C%_submit_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=plait__binding_submit

EXTRA_DIST += %D%/run.sh %D%/peers/common.py %D%/peers/train.py %D%/peers/predictor.py %D%/peers/loader.py %D%/peers/load.py %D%/peers/pool.py %D%/peers/images.py
EXTRA_DIST += $(wildcard $(srcdir)/%D%/results/*.txt)
