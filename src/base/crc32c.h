/* SPDX-License-Identifier: MIT
 * CRC-32C (Castagnoli), the checksum of iSCSI and ext4: CPUs have an instruction for it. */
#ifndef PLAIT__CRC32C_H
#define PLAIT__CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of what crc is the checksum of (0: of nothing) followed by bytes. */
uint32_t plait__crc32c(uint32_t crc, const void *bytes, size_t size);

/* The same without the instruction, for machines that lack it; here for its test. */
uint32_t plait__crc32c_plain(uint32_t crc, const void *bytes, size_t size);

#endif
