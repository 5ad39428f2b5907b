/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/end.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/base/assert.h"

#include <plait/base.h>

/* Weights are worth saving where steps were done and are not in doubt: the run is done, the user
 * ended it, or nobody could be told of it any more.  What failed otherwise leaves the file as it
 * was. */
static const struct {
	int status; /* of the library */
	int exit;
	bool saves;
} ends[CLI_ENDS] = {
	[CLI_END_DONE] = { 0, CLI_DONE, true },
	[CLI_END_SIGNAL] = { PLAIT_EINTERRUPTED, CLI_INTERRUPTED, true },
	[CLI_END_OUTPUT] = { 0, CLI_FAILED, true },
	[CLI_END_USAGE] = { PLAIT_EINVAL, CLI_USAGE, false },
	[CLI_END_SAMPLE] = { PLAIT_EDATA, CLI_FAILED, false },
	[CLI_END_NAN] = { PLAIT_ENAN, CLI_FAILED, false },
	[CLI_END_MEMORY] = { PLAIT_ENOMEM, CLI_FAILED, false },
	[CLI_END_STALL] = { PLAIT_ETIMEOUT, CLI_FAILED, false },
	[CLI_END_FAILED] = { 0, CLI_FAILED, false },
};

enum cli_end cli_end_of(int status)
{
	if (status >= 0)
		return CLI_END_DONE;
	for (int end = 0; end < CLI_ENDS; end++)
		if (ends[end].status == status)
			return (enum cli_end)end;
	return CLI_END_FAILED;
}

bool cli_end_saves(enum cli_end end)
{
	PLAIT__ASSERT((unsigned)end < CLI_ENDS, "every end is in the table");
	return ends[end].saves;
}

int cli_end_status(enum cli_end end)
{
	PLAIT__ASSERT((unsigned)end < CLI_ENDS, "every end is in the table");
	return ends[end].exit;
}

int cli_stopped_early(void)
{
	cli_complain_of(NULL); /* not one member of a pool alone */
	cli_complain("interrupted%s before the first step", cli_stop_name());
	return CLI_INTERRUPTED;
}
