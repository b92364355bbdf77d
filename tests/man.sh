#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# man.sh [MAN_DIR]: checks the manual pages. What is exported has a page whose SYNOPSIS agrees with the headers; each
# literal display in EXAMPLES of section 3 is a translation unit that compiles; references lead to pages; mandoc finds
# nothing. "ok NAME" or "not ok NAME" for each, and "N passed, M failed" at the end.
#
# Environment: CC.

root=$(dirname "$0")/..
man=${1:-$root/man}
symbols=$root/capi/front/abi/freebsd/symbols.txt
headers=$root/include/gssapi
cc=${CC:-cc}
LC_ALL=C
export LC_ALL

dir=$(mktemp -d "${TMPDIR:-/tmp}/man.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
. "$root/tests/lib.sh"

# header_prototypes: "type name(parameter, parameter)" of each function, one per line.
header_prototypes() {
	awk '
	{
		while ((i = index($0, "/*")) > 0 || comment) {
			if (comment) {
				j = index($0, "*/")
				if (j == 0) { $0 = ""; break }
				$0 = substr($0, j + 2)
				comment = 0
			} else {
				j = index(substr($0, i + 2), "*/")
				if (j == 0) { $0 = substr($0, 1, i - 1); comment = 1; break }
				$0 = substr($0, 1, i - 1) " " substr($0, i + j + 3)
			}
		}
	}
	/^(OM_uint32|int) (gss|krb5_gss_)/ { text = ""; inside = 1 }
	inside {
		text = text " " $0
		if (index($0, ";")) {
			gsub(/[ \t]+/, " ", text)
			gsub(/ ?\( ?/, "(", text)
			gsub(/ ?\) ?;.*/, ")", text)
			gsub(/ ?, ?/, ", ", text)
			sub(/^ /, "", text)
			print text
			inside = 0
		}
	}' "$headers"/*.h
}

# page_prototypes FILE: the same of a page's SYNOPSIS.
page_prototypes() {
	awk '
	/^\.Sh / { synopsis = $2 == "SYNOPSIS" }
	!synopsis { next }
	/^\.Ft / { type = substr($0, 5) }
	/^\.Fo / { text = type " " $2 "("; separator = "" }
	/^\.Fa / {
		argument = substr($0, 5)
		gsub(/"/, "", argument)
		text = text separator argument
		separator = ", "
	}
	/^\.Fc/ { print text ")" }' "$1"
}

# examples FILE PREFIX: writes each display to PREFIX-N.c, with lines numbered as in the page.
examples() {
	awk -v prefix="$2" -v page="$1" '
	/^\.Sh / { inside = $2 == "EXAMPLES" }
	inside && /^\.Bd -literal/ { n++; file = prefix "-" n ".c"; print "#line " NR + 1 " \"" page "\"" > file; display = 1; next }
	/^\.Ed/ { if (display) close(file); display = 0 }
	display { gsub(/\\e/, "\\"); sub(/^\\&/, ""); print > file }' "$1"
}

header_prototypes >"$dir/header"
for page in "$man"/*.3; do
	name=$(basename "$page" .3)
	page_prototypes "$page" >"$dir/$name.prototypes"
	[ -L "$page" ] || examples "$page" "$dir/$name"
done

# What is exported.
while read -r node name _; do
	case $node in
	'' | '#'* | closed | FBSDprivate_*) continue ;;
	esac
	[ "$name" = "${name%_libgssapi}" ] || continue # another name
	grep " $name(" "$dir/header" >"$dir/want"
	if [ ! -s "$dir/want" ]; then # an object
		if grep -q -w "$name" "$man"/*.3; then
			ok "$name is described"
		else
			not_ok "$name is in no page: describe it in the one of the functions that take it"
		fi
		continue
	fi
	if [ ! -f "$man/$name.3" ]; then
		not_ok "$name has no page: add man/$name.3, or a symbolic link to the page that describes it"
		continue
	fi
	grep " $name(" "$dir/$name.prototypes" >"$dir/have"
	if cmp -s "$dir/want" "$dir/have" && grep -q "^\.Nm $name\( ,\)*$" "$man/$name.3"; then
		ok "$name is as in the header"
	else
		cat "$dir/want" "$dir/have" >"$dir/errors"
		not_ok "$name: the header has the first, the page the second, or the page lacks .Nm" "$dir/errors"
	fi
done <"$symbols"

# What only the libraries for programs of MIT krb5 have. Functions that are declared and not written yet need no page.
sed 's/^[^ ]* \([^(]*\)(.*/\1/' "$dir/header" | while read -r name; do
	grep -q -w "$name" "$symbols" || ! grep -r -q -E "^(//export )?$name(\(|\$)" "$root/capi" || echo "$name"
done >"$dir/others"
[ -s "$dir/others" ] || not_ok "no function of libgssapi_krb5 was found"
while read -r name; do
	grep " $name(" "$dir/header" >"$dir/want"
	cat "$dir"/*.prototypes | grep " $name(" | sort -u >"$dir/have"
	if cmp -s "$dir/want" "$dir/have"; then
		ok "$name is as in the header"
	else
		cat "$dir/want" "$dir/have" >"$dir/errors"
		not_ok "$name: the header has the first, the pages the others: describe it in man/libgssapi_krb5.3" "$dir/errors"
	fi
done <"$dir/others"

# Examples.
for page in "$man"/gss*.3; do
	name=$(basename "$page" .3)
	[ ! -L "$page" ] || continue
	grep -q "^\.Xr $name 3" "$man/gssapi.3" || [ "$name" = gssapi ] ||
		not_ok "$name is not in SEE ALSO of gssapi.3: add .Xr $name 3 there"
	[ -f "$dir/$name-1.c" ] || not_ok "$name has no example: add one, a whole file in C, to its EXAMPLES"
done
for example in "$dir"/*-*.c; do
	[ -f "$example" ] || continue
	name=$(basename "$example" .c)
	if "$cc" -std=c99 -Wall -Wextra -Werror -fsyntax-only -I"$root/include" "$example" 2>"$dir/errors"; then
		ok "example $name"
	else
		not_ok "example $name does not compile" "$dir/errors"
	fi
done

# References: our own pages, and others only where they are known.
others=' _Fork.2 capset.2 capsicum.4 chroot.2 closefrom.2 dlclose.3 errno.2 execve.2 explicit_bzero.3 fork.2 free.3 gdb.1 getaddrinfo.3 getnameinfo.3 gssproxy.8 kinit.1 krb5.conf.5 landlock_restrict_self.2 longjmp.3 malloc.3 memcmp.3 mlockall.2 nsswitch.conf.5 pdfork.2 perf.1 pkg-config.1 pthread_atfork.3 pthread_cancel.3 putenv.3 resolv.conf.5 rfork.2 seccomp.2 setenv.3 setns.2 setrlimit.2 setuid.2 siglongjmp.3 strerror.3 unix.4 unshare.2 valgrind.1 vfork.2 write.2 '
for page in "$man"/*.[0-9]; do
	[ ! -L "$page" ] || continue
	name=$(basename "$page")
	: >"$dir/errors"
	awk '{ for (i = 1; i < NF - 1; i++) if ($i == "Xr" || $i == ".Xr") print $(i + 1) "." $(i + 2) }' "$page" | sort -u |
		while read -r reference; do
			case $others in
			*" $reference "*) continue ;;
			esac
			[ -f "$man/$reference" ] || echo "$reference"
		done >"$dir/errors"
	if [ -s "$dir/errors" ]; then
		not_ok "$name refers to pages that are not there" "$dir/errors"
	else
		ok "references of $name"
	fi
done

if ! command -v mandoc >/dev/null; then
	echo "# mandoc is not here: apt-get install mandoc"
else
	mandoc -Tlint -Wwarning "$man"/*.[0-9] >"$dir/errors" 2>&1
	if [ -s "$dir/errors" ]; then
		not_ok "mandoc -Tlint" "$dir/errors"
	else
		ok "mandoc -Tlint"
	fi
fi

results
