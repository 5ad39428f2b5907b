/* SPDX-License-Identifier: MIT
 * Data for the pages, small and regular, with names that attack. */
#ifndef PLAIT_TESTS_PAGES_DATA_H
#define PLAIT_TESTS_PAGES_DATA_H

#include <jansson.h>

/** A trace of so many steps of 100 us: a load on CPU 0 and seven tasks on CUDA 0 each. */
json_t *pages_trace(int steps);

/** A comparison of so many configurations, the last tenth of which failed. */
json_t *pages_policies(int configurations);

#endif
