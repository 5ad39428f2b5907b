# SPDX-License-Identifier: MIT
# The Debian packages that quickstart needs: which are missing, how they come. Read by
# quickstart, whose $cache, $nvcc, $jobs, stage and fail it uses.

build_packages='autoconf automake libtool pkg-config autoconf-archive make gcc g++
libc6-dev libhwloc-dev libdnnl-dev libfxt-dev zlib1g-dev libjansson-dev'
# A data format each; without one Plait says so when the format is met.
format_packages='libjpeg-dev libpng-dev libarchive-dev'
# For fetching and building StarPU.
starpu_packages='dpkg-dev ca-certificates xz-utils libopenmpi-dev debian-archive-keyring'
data_packages='dataset-fashion-mnist'

have_starpu()
{
	XDG_CACHE_HOME=$cache build-aux/get-starpu --check 2>/dev/null
}

# Is what a package brings there, whoever brought it?
present()
{
	case $1 in
	autoconf) command -v autoreconf ;;
	libtool) command -v libtoolize ;;
	automake | make | gcc | g++ | pkg-config) command -v "$1" ;;
	autoconf-archive)
		find /usr/share/aclocal /usr/local/share/aclocal -name ax_check_compile_flag.m4 | grep .
		;;
	libc6-dev) echo '#include <stdio.h>' | cc -E - ;;
	libdnnl-dev) echo '#include <oneapi/dnnl/dnnl.h>' | cc -E - ;;
	libhwloc-dev) pkg-config --exists hwloc ;;
	libfxt-dev) pkg-config --exists fxt ;;
	zlib1g-dev) pkg-config --exists zlib ;;
	libjansson-dev) pkg-config --exists jansson ;;
	libjpeg-dev | libpng-dev | libarchive-dev)
		pkg-config --exists "${1%-dev}"
		;;
	libstarpu-dev) have_starpu ;;
	dataset-*) [ -d "${PLAIT_DATA:-/usr/share/datasets/${1#dataset-}}" ] ;;
	esac >/dev/null 2>&1
}

installed()
{
	# Of a package that was only heard of it says not-installed.
	case " $(dpkg-query -W -f '${db:Status-Status} ' "$1" 2>/dev/null)" in
	*' installed '*) return 0 ;;
	*) return 1 ;;
	esac
}

# missing_of TEST PACKAGE...: those that fail the test.
missing_of()
{
	test=$1
	shift
	for package in "$@"; do
		"$test" "$package" || printf '%s ' "$package"
	done
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# The lists have a lock that nobody can wait for: another apt may be at them.
update_lists()
{
	as_root apt-get update || { sleep 10; as_root apt-get update; }
}

known()
{
	[ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]
}

all_known()
{
	for package in "$@"; do
		known "$package" || return 1
	done
}

try_install()
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
		-o DPkg::Lock::Timeout=600 "$@" || return 1
	# Debian 13's StarPU opens a folder that no package has, and says so in every run.
	models=/usr/share/starpu/perfmodels/sampling
	[ -d $models ] || ! installed libstarpu-dev || as_root mkdir -p $models
}

# A second time with new lists, and with what an interrupted dpkg left put right.
install_packages()
{
	try_install "$@" && return
	as_root dpkg --configure -a
	update_lists && try_install "$@"
}

may_install()
{
	[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null
}

# Debian 13 and later have a StarPU that is good enough without CUDA, for 32 CPUs.
starpu_of_apt()
{
	candidate=$(apt-cache policy libstarpu-dev 2>/dev/null | awk '/Candidate:/ { print $2 }')
	case $nvcc$((jobs <= 32)):$candidate in
	1:1.[4-9]*) echo libstarpu-dev ;;
	*) echo "$starpu_packages" ;;
	esac
}

# shellcheck disable=SC2086 # lists
install_missing()
{
	missing=$(missing_of installed $build_packages $format_packages $data_packages)
	[ -n "$missing" ] || ! have_starpu || return 0
	! may_install || all_known $missing libstarpu-dev || stage 'apt-get update' update_lists
	# shellcheck disable=SC2046
	have_starpu || missing=$missing$(missing_of installed $(starpu_of_apt))
	# One name that apt does not know would keep the others out; without lists it knows none.
	wanted=
	for package in $missing; do
		if known "$package" || ! known libstarpu-dev; then
			wanted="$wanted$package "
		else
			echo "quickstart: apt knows no package $package"
		fi
	done
	[ -n "$wanted" ] || return 0
	if ! may_install; then
		echo 'quickstart: neither root nor sudo; going on without what this would install:'
		echo "  apt-get install $wanted"
	elif ! stage 'installing Debian packages' install_packages $wanted; then
		missing=$(missing_of present $build_packages)
		[ -z "$missing" ] || fail "missing: $missing"
		echo 'going on without them'
	fi
}

# shellcheck disable=SC2086
list_missing()
{
	missing=$(missing_of present $build_packages $format_packages libstarpu-dev $data_packages)
	[ -z "$missing" ] || echo "quickstart: no apt-get here. Missing, by their Debian names: $missing"
}
