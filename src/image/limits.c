/* SPDX-License-Identifier: MIT
 * What a header may say before anybody believes it. */
#include "config.h"
#include "src/image/format.h"

#include <inttypes.h>

int plait__image_check_size(int64_t width, int64_t height, int64_t most)
{
	if (width < 1 || height < 1)
		return plait__error(PLAIT_EFORMAT,
				    "the header says %" PRId64 " x %" PRId64 " pixels", width,
				    height);
	if (width > PLAIT__MAX_PIXELS / height)
		return plait__error(PLAIT_EFORMAT,
				    "the header says %" PRId64 " x %" PRId64
				    " pixels, more than the limit of %" PRId64,
				    width, height, PLAIT__MAX_PIXELS);
	if (width * height > most)
		return plait__error(PLAIT_EFORMAT,
				    "the header says %" PRId64 " x %" PRId64
				    " pixels, so few bytes hold at most %" PRId64,
				    width, height, most);
	return 0;
}
