/* SPDX-License-Identifier: MIT
 * The commands, which main.c knows by name. */
#ifndef PLAIT_CLI_COMMANDS_H
#define PLAIT_CLI_COMMANDS_H

/* A command gets the arguments that follow its name and returns an exit status. */
typedef int cli_command_fn(int argc, char **argv);

cli_command_fn cli_train;
cli_command_fn cli_eval;
cli_command_fn cli_predict;
cli_command_fn cli_policies;
cli_command_fn cli_overlap;
cli_command_fn cli_models;
cli_command_fn cli_model;
cli_command_fn cli_runs;
cli_command_fn cli_pack;
cli_command_fn cli_load;
cli_command_fn cli_data;
cli_command_fn cli_trace;
cli_command_fn cli_doctor;

#endif
