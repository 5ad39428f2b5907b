# SPDX-License-Identifier: MIT
# The program `plait`: a user of the public API like any other.
