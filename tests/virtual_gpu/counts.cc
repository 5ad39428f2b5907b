/* SPDX-License-Identifier: MIT */
#include "tests/virtual_gpu/virtual_gpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vgpu_counts vgpu_counts[VGPU_MOST_DEVICES];

/* One line a device, so that scripts can read them. */
static void tell(FILE *to, int device)
{
	const struct vgpu_counts *c = &vgpu_counts[device];

	fprintf(to,
		"device %d kernels %ld in_default %ld gemms %ld memsets %ld captures %ld graphs "
		"%ld "
		"in_graphs %ld h2d %ld h2d_bytes %ld d2h %ld d2h_bytes %ld d2d %ld d2d_bytes %ld "
		"pageable %ld beside %ld among %ld events %ld queries %ld syncs %ld mallocs %ld "
		"frees %ld peak %ld left %ld\n",
		device, c->kernels, c->in_default, c->gemms, c->memsets, c->captures, c->graphs,
		c->in_graphs, c->h2d, c->h2d_bytes, c->d2h, c->d2h_bytes, c->d2d, c->d2d_bytes,
		c->pageable, c->beside, c->among, c->events, c->queries, c->syncs, c->mallocs,
		c->frees, c->peak, c->bytes);
}

__attribute__((destructor)) static void tell_all(void)
{
	const char *name = getenv("VGPU_STATS");
	FILE *to = !name || !*name ? NULL : strcmp(name, "-") == 0 ? stderr : fopen(name, "a");

	for (int i = 0; to && i < vgpu_devices(); i++)
		tell(to, i);
	if (to && to != stderr)
		fclose(to);
}
