# SPDX-License-Identifier: MIT
# The library: one file per noun, in pipeline order.
libplait_all_la_SOURCES += %D%/base.c %D%/base.h
libplait_all_la_SOURCES += %D%/random.h
libplait_all_la_SOURCES += %D%/tensor.c
libplait_all_la_SOURCES += %D%/file.c %D%/file.h
libplait_all_la_SOURCES += %D%/number.c %D%/number.h
libplait_all_la_SOURCES += %D%/dataset.c %D%/dataset.h
libplait_all_la_SOURCES += %D%/dataset_format.h %D%/dataset_array.c %D%/dataset_labels.c
libplait_all_la_SOURCES += %D%/dataset_user.c
libplait_all_la_SOURCES += %D%/dataset_idx.c %D%/dataset_fashion_mnist.c
libplait_all_la_SOURCES += %D%/dataset_npy.c
libplait_all_la_SOURCES += %D%/dataset_csv.c %D%/dataset_csv.h %D%/dataset_csv_text.c
libplait_all_la_SOURCES += %D%/dataset_synthetic.c
libplait_all_la_SOURCES += %D%/transform.c
libplait_all_la_SOURCES += %D%/json.c %D%/json.h
libplait_all_la_SOURCES += %D%/checkpoint.c %D%/checkpoint.h %D%/checkpoint_header.c %D%/checkpoint_save.c
libplait_all_la_SOURCES += %D%/loader.c %D%/loader.h %D%/permutation.h
libplait_all_la_SOURCES += %D%/ring.c %D%/ring.h %D%/loader_next.c
libplait_all_la_SOURCES += %D%/graph.c %D%/graph.h
libplait_all_la_SOURCES += %D%/runtime.c %D%/runtime.h %D%/runtime_env.c %D%/runtime_env.h
libplait_all_la_SOURCES += %D%/runtime_topology.c %D%/runtime_numbers.c
libplait_all_la_SOURCES += %D%/model.c
libplait_all_la_SOURCES += %D%/autodiff.c %D%/autodiff.h
libplait_all_la_SOURCES += %D%/store.c %D%/store.h
libplait_all_la_SOURCES += %D%/plan.c %D%/plan.h
libplait_all_la_SOURCES += %D%/plan_place.c %D%/plan_order.c %D%/plan_print.c
libplait_all_la_SOURCES += %D%/program.c %D%/program.h %D%/program_step.c %D%/segment.c
libplait_all_la_SOURCES += %D%/optimizer.c %D%/optimizer.h
libplait_all_la_SOURCES += %D%/metrics.c
libplait_all_la_SOURCES += %D%/executor.c %D%/executor.h
libplait_all_la_SOURCES += %D%/session.c %D%/session.h
libplait_all_la_SOURCES += %D%/diagnose.c %D%/diagnose.h
libplait_all_la_SOURCES += %D%/trainer.c %D%/trainer.h %D%/trainer_file.c
libplait_all_la_SOURCES += %D%/progress.c %D%/progress.h

pkgconfigdir   = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/plait.pc
