/* SPDX-License-Identifier: MIT
 * Safetensors in and out: https://github.com/huggingface/safetensors (format section). */
#ifndef PLAIT_CHECKPOINT_H
#define PLAIT_CHECKPOINT_H

#include <plait/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_checkpoint;

/** Reads a safetensors file whole.  F32 and I64 are taken as they are; F64, F16
 *  and BF16 become float32; tensors of other dtypes are listed with their size but cannot be had.
 *  Errors: PLAIT_EINVAL (checkpoint_p or path is NULL), PLAIT_EIO, PLAIT_EFORMAT (path, offset,
 *  expected, found), PLAIT_ENOMEM. */
PLAIT_API int plait_checkpoint_open(struct plait_checkpoint **checkpoint_p, const char *path);

/** Tensors in the file, and the i-th of them in the order of the file (data is float32
 *  or int64, or NULL where the dtype is another), or NULL if there is none; they live as long as
 * the checkpoint.  NULL holds no tensors. */
PLAIT_API int plait_checkpoint_count(const struct plait_checkpoint *checkpoint);
PLAIT_API const struct plait_tensor *
plait_checkpoint_tensor(const struct plait_checkpoint *checkpoint, int i);

/** The tensor of this name, or NULL; there is none in NULL, and none of the name NULL. */
PLAIT_API const struct plait_tensor *
plait_checkpoint_find(const struct plait_checkpoint *checkpoint, const char *name);

/** A text about a file: safetensors' metadata. */
struct plait_metadata {
	const char *key, *value; /* UTF-8 */
};

/** The value of a key of the file's metadata, or NULL if it has none; lives as long as the
 *  checkpoint.  There is none in NULL, and none for the key NULL. */
PLAIT_API const char *plait_checkpoint_metadata(const struct plait_checkpoint *checkpoint,
						const char *key);

/** Text i of the metadata, in the order of the file; NULL where there is none, and for NULL. */
PLAIT_API const struct plait_metadata *
plait_checkpoint_metadata_at(const struct plait_checkpoint *checkpoint, int i);

/** Frees the checkpoint; NULL is ignored. */
PLAIT_API void plait_checkpoint_destroy(struct plait_checkpoint *checkpoint);

/** Writes count tensors of float32 or int64: to a temporary file beside path, synchronised, then
 *  renamed, so that a crash leaves the old file or the new one.  The new file has the mode of
 *  the old one; a symbolic link stays, and what it leads to is replaced.
 *  Errors: PLAIT_EINVAL (dtype, name missing or twice; path is NULL or empty; tensors is NULL
 *  and count not 0, or count negative), PLAIT_EIO, PLAIT_ENOMEM. */
PLAIT_API int plait_checkpoint_save(const char *path, int count,
				    const struct plait_tensor *tensors);

/** The same with metadata, which other programs can read too; the key "format" is Plait's own.
 *  Errors as above; PLAIT_EINVAL (a key or value that is NULL or no UTF-8, a key twice). */
PLAIT_API int plait_checkpoint_save_with(const char *path, int count,
					 const struct plait_tensor *tensors, int texts,
					 const struct plait_metadata *metadata);

/** Whether plait_checkpoint_save could begin: makes a file beside path and removes it.
 *  Errors: PLAIT_EINVAL (path is NULL or empty), PLAIT_EIO, PLAIT_ENOMEM. */
PLAIT_API int plait_checkpoint_check_path(const char *path);

#ifdef __cplusplus
}
#endif
#endif
