/* SPDX-License-Identifier: MIT
 * Packed data sets: all samples of a data set in one file, which opens in a moment.
 *
 * The file is little-endian.  Offsets are in bytes:
 *
 *      0  magic       89 50 4c 4b 0d 0a 1a 0a ("PLK" and bytes that text-mode copies damage)
 *      8  u32         version, 1
 *     12  u32         header bytes H: from 0 to the end of the header's checksum
 *     16  u64         bytes of the whole file
 *     24  u32         kind: 1 arrays (raw numbers, one shape), 2 images (JPEG or PNG as it was)
 *     28  u32         flags: 1 images differ in size; others are 0
 *     32  u32         type of a number: 1 float32, 2 uint8 (images: 2, what they decode to)
 *     36  u32         dimensions of a sample, 1 to 6
 *     40  u64 [6]     the dimensions, those that are not there 0 (images: [channels,height,width];
 *                     if they differ in size, those of one of them)
 *     88  u64         samples N, at least 1
 *     96  u64         classes, or 0: there are no labels
 *    104  u64         targets T: floats in a target vector, or 0 (images: 0)
 *    112  u32         bytes of class names, or 0: they have none
 *    116  u32         bytes of the text that says how the file was made
 *    120  u32 [3]     CRC-32C of the index, the labels, the targets
 *    132  u32         bytes of feature names, or 0: they have none (samples of one dimension only)
 *    136              class names, each with a zero byte behind; feature names likewise, one for
 *                     each number of a sample; then the text with one
 *    H-4  u32         CRC-32C of the H-4 bytes before
 *
 * Then the parts of the file.  Each begins at the next multiple of the number on its left, and the
 * bytes between two parts are 0:
 *
 *     64  index       N times: u64 offset of the record in the file, u32 its bytes, u32 its
 *                     CRC-32C.  Records follow each other without gaps, the last ends the file
 *     64  labels      N times: i32, 0 to classes - 1; nothing without classes
 *   4096  targets     N times T float32
 *   4096  records     arrays: the numbers, row-major, planes first [C,H,W]; images: a whole file
 *
 * Opening reads header, index, labels and targets into memory and checks them there, so that no
 * later change of the file can make a read go out of bounds.  The checksum of a record is checked
 * when it is read.
 *
 * Records are read, not mapped.  If the file is shortened or the disk fails, a read gives a
 * message, where a map gives SIGBUS, which ends the program; and the time to copy a record is small
 * beside the time to decode it.  While a file is open it may be replaced (plait pack does so, by
 * rename). If it is written to, the checksums tell.
 *
 * Arrays can be kept: a record is read and checked when it is first wanted, and stays in memory. */
#ifndef PLAIT__PACKED_H
#define PLAIT__PACKED_H

#include "src/dataset/dataset.h"
#include "src/base/number.h"

enum plait__packed_kind {
	PLAIT__PACKED_ARRAYS = 1,
	PLAIT__PACKED_IMAGES,
};

/* Parts of the file that have a checksum of their own in the header. */
enum plait__packed_part {
	PLAIT__PACKED_INDEX,
	PLAIT__PACKED_LABELS,
	PLAIT__PACKED_TARGETS,
	PLAIT__PACKED_DATA, /* has none: each record has one */
};

struct plait__packed_section {
	int64_t offset, bytes;
};

/* What the header says, and where the parts of the file are in consequence. */
struct plait__packed_header {
	enum plait__packed_kind kind;
	bool varying;
	struct plait_dataset_info info;                   /* without spec and names */
	uint32_t names_bytes, features_bytes, made_bytes; /* with their zero bytes */
	uint32_t crc[PLAIT__PACKED_DATA];
	int64_t file_bytes;

	/* Set by plait__packed_layout. */
	int64_t header_bytes;
	struct plait__packed_section section[PLAIT__PACKED_DATA + 1];
	int64_t sample_bytes; /* of a record of an array; 0 for images */
};

#define PLAIT__PACKED_FIXED 136 /* bytes of a header before its texts */
#define PLAIT__PACKED_ENTRY 16  /* bytes of an entry of the index */

/* Larger files are refused, so that sums of offsets cannot overflow. */
#define PLAIT__PACKED_LARGEST (INT64_MAX / 8)

/* Checks the fields of the header that the file says, and computes the others from them.  The
 * records get all bytes up to file_bytes.  path is for messages.  PLAIT_EFORMAT. */
int plait__packed_layout(const char *path, struct plait__packed_header *header);

/* Reads and checks the fixed part of the header of a file of file_bytes bytes; and writes it.  The
 * first refuses a machine that is not little-endian.  PLAIT_EFORMAT. */
int plait__packed_parse(const char *path, int64_t file_bytes,
			const unsigned char bytes[PLAIT__PACKED_FIXED],
			struct plait__packed_header *header);
void plait__packed_format(const struct plait__packed_header *header,
			  unsigned char bytes[PLAIT__PACKED_FIXED]);

/* Bytes of count names (NULL: none) with their zero bytes, as the header has them; copies them to
 * text unless that is NULL. */
size_t plait__packed_names(const char *const *names, int64_t count, char *text);

struct plait__packed {
	char *path;
	int fd;
	struct plait__packed_header header;
	unsigned char *front;  /* header, index and labels, in memory */
	float *targets;        /* in memory, or NULL */
	unsigned char *kept;   /* room for all records, or NULL: none is kept */
	unsigned char *there;  /* atomic, of each record: 1 if it is in kept */
	unsigned char *taken;  /* atomic, of each record: 1 while a thread reads it into kept */
	const char *names;     /* class names as in the file, or NULL */
	const char *features;  /* feature names likewise */
	const char *made;      /* the text that says how the file was made */
	const int32_t *labels; /* or NULL */
};

/* Opens and checks a file; plait__packed_close frees *packed_p.
 * Errors: PLAIT_EIO, PLAIT_EFORMAT, PLAIT_ELABEL, PLAIT_ENOMEM. */
int plait__packed_open(struct plait__packed **packed_p, const char *path);
void plait__packed_close(struct plait__packed *packed);

/* Fetches the record of a sample into memory and checks its checksum.  index must be that of a
 * sample.  Thread-safe.  Errors: PLAIT_EIO, PLAIT_EFORMAT, PLAIT_ENOMEM. */
int plait__packed_fetch(const struct plait__packed *packed, int64_t index,
			struct plait__buffer *memory, struct plait__stored *record);

/* Makes packed->kept for arrays, where records stay from their first reading on, if it takes at
 * most so many bytes and the system gives them. */
void plait__packed_keep(struct plait__packed *packed, int64_t most);

/* Reads a record to its place in packed->kept, unless it is there, and checks its checksum.  Sets
 * the path and the offset of *record.  Thread-safe.  Errors: PLAIT_EIO, PLAIT_EFORMAT. */
int plait__packed_bring(const struct plait__packed *packed, int64_t index,
			struct plait__stored *record);

struct plait__packed_options {
	bool raw; /* decode images, which must then be of one size */
	/* Called after each sample; a result other than 0 ends the writing with
	 * PLAIT_EINTERRUPTED.  Or NULL. */
	int (*progress)(void *user, int64_t done, int64_t samples);
	void *user;
};

struct plait__packed_result {
	enum plait__packed_kind kind;
	bool varying;
	int64_t bytes;    /* of the file */
	int64_t doubtful; /* images whose size cannot be read; they were written too */
	char doubt[512];  /* the error of the first of them */
};

/* Writes a data set to a new file, which replaces the file at path when it is complete.  Samples
 * that depend on a key are made with key 0.
 * Errors: PLAIT_EIO, PLAIT_EINVAL, PLAIT_ESHAPE, PLAIT_ELABEL, PLAIT_ENOMEM,
 * PLAIT_EINTERRUPTED and those of reading the data set.  They leave the file at path as it was. */
int plait__packed_write(const char *path, const struct plait_dataset *dataset,
			const struct plait__packed_options *options,
			struct plait__packed_result *result);

#endif
