# SPDX-License-Identifier: MIT
# Samples at random access; one format, one file in formats/.
libplait_all_la_SOURCES += %D%/array.c %D%/open.c %D%/read.c %D%/dataset.h %D%/formats.def %D%/fingerprint.c
libplait_all_la_SOURCES += %D%/compose.c %D%/compose.def %D%/compose.h %D%/format.h %D%/labels.c %D%/layout.c %D%/match.c %D%/notes.c %D%/notes.h %D%/sequences.c %D%/stored.c %D%/stored.h
libplait_all_la_SOURCES += %D%/texts.c %D%/user.c
libplait_all_la_SOURCES += %D%/packed/header.c %D%/packed/open.c %D%/packed/packed.h
libplait_all_la_SOURCES += %D%/packed/read.c %D%/packed/write.c

# Formats are found, not listed, as the rooms of codelets/ are: a new format needs no line in a
# makefile. Automake wants sources listed, so formats are linked as objects and distributed as
# extra files. Listed here is what a format has besides its own file.
FORMAT_PARTS = %D%/formats/csv_first.c %D%/formats/csv_label.c %D%/formats/csv_table.c
FORMAT_PARTS += %D%/formats/csv_table.h %D%/formats/csv_text.c %D%/formats/csv_text.h
FORMAT_PARTS += %D%/formats/images_walk.c %D%/formats/images_walk.h
FORMAT_PARTS += %D%/formats/tar_index.c %D%/formats/tar_index.h %D%/formats/tar_read.c %D%/formats/tar_unpack.c
FORMAT_PARTS += %D%/formats/tar_walk.c %D%/formats/tar_walk.h
libplait_all_la_SOURCES += $(FORMAT_PARTS)

FORMATS = $(filter-out $(FORMAT_PARTS),$(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/%D%/formats/*.c)))
EXTRA_DIST += $(FORMATS)
libplait_all_la_LIBADD += $(FORMATS:.c=.lo)
EXTRA_libplait_all_la_DEPENDENCIES += $(FORMATS:.c=.lo)
# Header dependencies of the formats: the rule of automake's own .c files writes them.
-include $(wildcard %D%/formats/$(DEPDIR)/*.Plo)
DISTCLEANFILES += %D%/formats/$(DEPDIR)/*.Plo
