# SPDX-License-Identifier: MIT
# Documents for people who work on Plait, and the reference of the library.
EXTRA_DIST += %D%/design.md %D%/starpu.md %D%/style.md %D%/glossary.md %D%/threat-model.md \
  %D%/Doxyfile
dist_man_MANS += %D%/plait.3

# doc/html in the build tree, from the headers; it is not distributed.
.PHONY: doc clean-doc
doc:
	@command -v doxygen >/dev/null || { echo 'SKIP: make doc needs doxygen'; exit 0; }; \
	$(MKDIR_P) %D% && \
	{ cat $(srcdir)/%D%/Doxyfile && \
	  echo 'PROJECT_NUMBER = $(PACKAGE_VERSION)' && \
	  echo 'INPUT = $(abs_top_srcdir)/include' && \
	  echo 'STRIP_FROM_PATH = $(abs_top_srcdir)/include' && \
	  echo 'OUTPUT_DIRECTORY = $(abs_top_builddir)/%D%'; } | doxygen - && \
	echo 'the reference is %D%/html/index.html'
clean-doc:
	-rm -rf %D%/html
