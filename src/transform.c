/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base.h"
#include <plait/transform.h>

#include <inttypes.h>
#include <math.h>

int plait_normalize_check(const struct plait_normalize *normalize, int ndim, const int64_t *dim)
{
	char shape[128];
	int channels = normalize ? normalize->channels : 0;

	if (channels < 0 || channels > PLAIT_MAX_CHANNELS)
		return plait__error(PLAIT_EINVAL, "normalize: %d channels, must be 0 to %d",
				    channels, PLAIT_MAX_CHANNELS);
	for (int c = 0; c < channels; c++) {
		float mean = normalize->mean[c], std = normalize->std[c];

		if (!isfinite(mean))
			return plait__error(
				PLAIT_EINVAL,
				"normalize: the mean of channel %d is %g, must be finite", c, mean);
		if (!isfinite(std) || std <= 0)
			return plait__error(
				PLAIT_EINVAL,
				"normalize: the std of channel %d is %g, must be positive", c, std);
	}
	if (channels > 1 && (ndim < 1 || dim[0] != channels))
		return plait__error(PLAIT_ESHAPE,
				    "normalize: %d channels for a sample of shape %s, must be 1 or "
				    "its first dimension",
				    channels, plait_shape_text(ndim, dim, shape, sizeof shape));
	return 0;
}
