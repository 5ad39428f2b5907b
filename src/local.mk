# SPDX-License-Identifier: MIT
# The library: a folder is a layer, and layers are listed from the lowest to the highest.
include src/base/local.mk
include src/runtime/local.mk
include src/image/local.mk
include src/dataset/local.mk
include src/transform/local.mk
include src/sampler/local.mk
include src/loader/local.mk
include src/graph/local.mk
include src/gradient/local.mk
include src/plan/local.mk
include src/executor/local.mk
include src/trainer/local.mk
include src/checkpoint/local.mk

pkgconfigdir   = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/plait.pc
