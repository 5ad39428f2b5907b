# SPDX-License-Identifier: MIT
# The numbered course: each example is a user of the public API.
