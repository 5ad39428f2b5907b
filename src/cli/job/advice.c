/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/job/advice.h"
#include "src/cli/complain.h"
#include "src/cli/job/loss.h"
#include "src/cli/job/words.h"

#include <inttypes.h>

void cli_advise(const struct cli_options *options, const struct plait_dataset_info *info,
		struct plait_node *output)
{
	int64_t dim[PLAIT_MAX_DIMS];
	int ndim = plait_node_shape(output, dim);
	int64_t outputs = plait_shape_elements(ndim, dim);

	if (options->quiet)
		return;
	if (options->loss == CLI_BCE && cli_words_end_in(output, "sigmoid"))
		cli_complain("advice: bce has a sigmoid inside, and with the one at the end of "
			     "--model it learns slowly: leave that out");
	if (!cli_loss_has_labels(options))
		return;
	if (outputs > info->classes)
		cli_complain("advice: the network has %" PRId64 " outputs, %s has %" PRId64
			     " classes: linear:%" PRId64 " at the end is enough",
			     outputs, info->spec, info->classes, info->classes);
	if (options->loss == CLI_CROSS_ENTROPY && cli_words_end_in(output, "softmax"))
		cli_complain("advice: cross-entropy has a softmax inside, and with the one at the "
			     "end of --model it learns slowly: leave that out");
	if (options->loss == CLI_NLL && !cli_words_end_in(output, "log_softmax"))
		cli_complain("advice: nll takes log-probabilities: end --model with log-softmax");
}
