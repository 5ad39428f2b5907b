# SPDX-License-Identifier: MIT
# Create, fit, evaluate, predict.
libplait_all_la_SOURCES += %D%/answers.c %D%/bind.c %D%/codelets.c %D%/diagnose.c %D%/diagnose.h %D%/estimate.c %D%/metadata.c %D%/metrics.c
libplait_all_la_SOURCES += %D%/parameters.c %D%/progress.c %D%/progress.h %D%/reporter.c %D%/events.c
libplait_all_la_SOURCES += %D%/reporter.h %D%/create.c %D%/fit.c %D%/fitting.h %D%/evaluate.c %D%/trainer.h %D%/run.c %D%/run_step.c %D%/run_value.c %D%/run_slot.c %D%/run.h %D%/submitted.c
libplait_all_la_SOURCES += %D%/pool/part.c %D%/pool/part.h %D%/pool/pass.c %D%/pool/pass.h %D%/pool/pool.c
libplait_all_la_SOURCES += %D%/scoring/sample_loss.c %D%/scoring/scored.c %D%/scoring/scoring.c %D%/scoring/scoring.h
libplait_all_la_SOURCES += %D%/until/best.c %D%/until/until.c %D%/until/until.h
