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
include src/checkpoint/local.mk
include src/plan/local.mk
include src/executor/local.mk
include src/scores/local.mk
include src/trainer/local.mk
include src/predictor/local.mk

pkgconfigdir   = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/plait.pc
# Paths from the file itself, so that `make install prefix=...` and a prefix that is moved are right.
install-data-hook:
	from() { realpath -m --relative-to='$(pkgconfigdir)' "$$1"; }; \
	  $(SED) -e "s|^prefix=.*|prefix=\$${pcfiledir}/`from '$(prefix)'`|" \
	    -e 's|^exec_prefix=.*|exec_prefix=$${prefix}|' \
	    -e "s|^libdir=.*|libdir=\$${pcfiledir}/`from '$(libdir)'`|" \
	    -e "s|^includedir=.*|includedir=\$${pcfiledir}/`from '$(includedir)'`|" \
	    '%D%/plait.pc' >'$(DESTDIR)$(pkgconfigdir)/plait.pc'
