/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/doctor/nvidia.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static bool read_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	bool read = file && fgets(text, (int)size, file);

	if (file)
		fclose(file);
	text[read ? strcspn(text, "\n") : 0] = '\0';
	return read;
}

/* Devices of NVIDIA, vendor 0x10de, that are displays or accelerators, class 0x03.... */
int cli_nvidia_devices(void)
{
	DIR *folder = opendir("/sys/bus/pci/devices");
	struct dirent *entry;
	int count = 0;

	while (folder && (entry = readdir(folder))) {
		char path[400], text[32];

		snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/vendor", entry->d_name);
		if (!read_line(path, text, sizeof text) || strcmp(text, "0x10de") != 0)
			continue;
		snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/class", entry->d_name);
		count += read_line(path, text, sizeof text) && strncmp(text, "0x03", 4) == 0;
	}
	if (folder)
		closedir(folder);
	return count;
}

bool cli_nvidia_module(char *text, size_t size)
{
	return read_line("/proc/driver/nvidia/version", text, size);
}
