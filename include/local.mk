# SPDX-License-Identifier: MIT
# Installed headers: the umbrella, then one per noun in pipeline order.
include_HEADERS = %D%/plait.h
plaitincludedir = $(includedir)/plait
plaitinclude_HEADERS = \
  %D%/plait/base.h \
  %D%/plait/runtime.h \
  %D%/plait/tensor.h \
  %D%/plait/dataset.h \
  %D%/plait/transform.h \
  %D%/plait/sampler.h \
  %D%/plait/bad_samples.h \
  %D%/plait/loader.h \
  %D%/plait/graph.h \
  %D%/plait/ops.h \
  %D%/plait/op.h \
  %D%/plait/plan.h \
  %D%/plait/optimizer.h \
  %D%/plait/schedule.h \
  %D%/plait/metrics.h %D%/plait/scores.h \
  %D%/plait/checkpoint.h \
  %D%/plait/until.h \
  %D%/plait/pool.h %D%/plait/predictor.h %D%/plait/run.h %D%/plait/trainer.h
