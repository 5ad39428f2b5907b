/* SPDX-License-Identifier: MIT
 * What a log tells, as files of events that TensorBoard reads. */
#ifndef PLAIT_CLI_TENSORBOARD_H
#define PLAIT_CLI_TENSORBOARD_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* A file of events for each run: those of training and of evaluation are two, so that TensorBoard
 * draws both in one chart. */
struct cli_tensorboard {
	const char *folder;
	int count;
	size_t room;
	struct cli_tensorboard_file {
		char *name; /* of the folder within */
		FILE *file;
		int64_t step; /* of the last epoch's end */
	} * file;
	int failed; /* something could not be written, and that was said */
};

/* Adds a line of a log: those of steps and epochs have figures. */
void cli_tensorboard_add(struct cli_tensorboard *board, const json_t *line);

/* Return CLI_DONE, or CLI_FAILED where something could not be written, which they or an earlier
 * call have said. */
int cli_tensorboard_flush(struct cli_tensorboard *board);
int cli_tensorboard_close(struct cli_tensorboard *board);

/* The CRC-32C of some bytes (Castagnoli; RFC 3720, appendix B.4). */
uint32_t cli_crc32c(const void *bytes, size_t size);

#endif
