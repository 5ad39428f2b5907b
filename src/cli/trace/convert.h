/* SPDX-License-Identifier: MIT
 * From a raw FxT file to a folder of text. */
#ifndef PLAIT_CLI_TRACE_CONVERT_H
#define PLAIT_CLI_TRACE_CONVERT_H

/* Converts the FxT file at path by StarPU's own converter, into the folder.  Returns an exit
 * status after saying what is wrong. */
int cli_trace_convert(const char *path, const char *folder);

/* Likewise the file that a run of the program has left in the folder; a process leaves one. */
int cli_trace_convert_left(const char *folder, const char *program);

#endif
