/* SPDX-License-Identifier: MIT
 * Arrays that grow as entries are appended. */
#ifndef PLAIT__GROW_H
#define PLAIT__GROW_H

#include <stddef.h>

/* Makes room for needed entries of size bytes each.  array_p points to the pointer to the array,
 * which is NULL at first; *capacity is how many entries it can hold, 0 at first.  The capacity
 * doubles, so that appending one entry is cheap on average.  New entries are not initialized.
 * Returns 0, or PLAIT_ENOMEM with a message that names what; the array is then as it was. */
int plait__grow(void *array_p, size_t *capacity, size_t needed, size_t size, const char *what);

#endif
