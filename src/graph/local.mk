# SPDX-License-Identifier: MIT
# Nodes, and the contract of an op.
libplait_all_la_SOURCES += %D%/build.c %D%/layer.c %D%/layout.c %D%/loss.c %D%/metric.c %D%/node.c %D%/op.c %D%/place.c %D%/plugin.c %D%/sources.c %D%/graph.h %D%/mode.h %D%/op.h
