/* SPDX-License-Identifier: MIT
 * What every other header needs: export macro, status codes, the error message. */
#ifndef PLAIT_BASE_H
#define PLAIT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAIT_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* Every status, once: name, value, what it means in general.  The particular
 * cause of a failure is in plait_error_message(). */
#define PLAIT_STATUS_MAP(X) \
	X(PLAIT_OK, 0, "success") \
	X(PLAIT_END, 1, "end of data") \
	X(PLAIT_EINVAL, -1, "invalid argument") \
	X(PLAIT_ENOMEM, -2, "out of memory") \
	X(PLAIT_ESHAPE, -3, "shapes do not fit") \
	X(PLAIT_EFORMAT, -4, "file is not in the expected format") \
	X(PLAIT_EIO, -5, "input or output failed") \
	X(PLAIT_ELABEL, -6, "label out of range") \
	X(PLAIT_ENAN, -7, "loss is not finite") \
	X(PLAIT_ESTATE, -8, "called in the wrong order") \
	X(PLAIT_ERUNTIME, -9, "StarPU refused") \
	X(PLAIT_EDATA, -10, "a sample could not be read") \
	X(PLAIT_EINTERRUPTED, -11, "interrupted") \
	X(PLAIT_ETIMEOUT, -12, "nothing moved for too long")

enum plait_status {
#define PLAIT__STATUS_ENUM(name, value, text) name = value,
	PLAIT_STATUS_MAP(PLAIT__STATUS_ENUM)
#undef PLAIT__STATUS_ENUM
};

/** The general meaning of a status, a static string; never NULL. */
PLAIT_API const char *plait_status_text(int status);

/** What the last failing call of this thread said: what was expected, what was
 *  found, where.  The text lives in the library until this thread's next failure;
 *  "" if nothing failed yet. */
PLAIT_API const char *plait_error_message(void);

/** The library's version, "major.minor.patch". */
PLAIT_API const char *plait_version(void);

#ifdef __cplusplus
}
#endif
#endif
