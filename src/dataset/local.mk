# SPDX-License-Identifier: MIT
# Samples at random access; one format, one file in formats/.
libplait_all_la_SOURCES += %D%/array.c %D%/open.c %D%/read.c %D%/dataset.h %D%/formats.def %D%/fingerprint.c
libplait_all_la_SOURCES += %D%/format.h %D%/labels.c %D%/sequences.c %D%/stored.c %D%/stored.h
libplait_all_la_SOURCES += %D%/texts.c %D%/user.c
libplait_all_la_SOURCES += %D%/formats/cifar10.c %D%/formats/csv.c %D%/formats/csv_text.c
libplait_all_la_SOURCES += %D%/formats/csv_text.h %D%/formats/fashion_mnist.c %D%/formats/idx.c
libplait_all_la_SOURCES += %D%/formats/images.c %D%/formats/npy.c %D%/formats/packed.c
libplait_all_la_SOURCES += %D%/formats/synthetic.c %D%/formats/tar.c %D%/formats/tar_unpack.c
libplait_all_la_SOURCES += %D%/formats/tar_walk.c %D%/formats/tar_walk.h
libplait_all_la_SOURCES += %D%/packed/header.c %D%/packed/packed.h %D%/packed/read.c
libplait_all_la_SOURCES += %D%/packed/write.c
