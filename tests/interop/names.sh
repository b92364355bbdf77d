#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# libgssapi_krb5.so.2 is what its soname promises: the names, one version node, sizes of objects; and each program and
# library of Debian that is installed here and needs it finds in ours all that it wants, so that it starts BIND_NOW.

. "$(dirname "$0")/lib.sh"
need readelf binutils ldd libc-bin
programs_with
library=$libraries/libgssapi_krb5.so.2
[ "$ours" = ours ] || library=$(mit_library)

# exported: name, type, size of objects and version of each symbol that the library defines.
exported() {
	readelf -W --dyn-syms "$1" | awk '$7 != "UND" && $7 != "ABS" && NR > 3 && $8 ~ /@/ {
		split($8, name, "@+")
		print name[1], $4 ($4 == "OBJECT" ? " " $3 : ""), name[2]
	}' | sort
}

same_names() {
	sed '/^#/d; /^$/d; s/$/ gssapi_krb5_2_MIT/' "$here/names.txt" | sort >"$work/wanted"
	exported "$library" | grep -v " LIBGSSAPI_1.0$" >"$work/exported" # for programs with our headers
	[ "$(wc -l <"$work/wanted")" = 168 ] && diff "$work/wanted" "$work/exported"
}
check "168 names of MIT's node, of the sizes that programs know" same_names

same_names_of_freebsd() {
	sed '/^#/d; /^$/d' "$here/names.txt" | sort >"$work/wanted"
	exported "$libraries/libgssapi_krb5.so.122" | sed 's/ [^ ]*$//' | sort >"$work/exported"
	diff "$work/wanted" "$work/exported"
}
[ "$ours" != ours ] || check "FreeBSD 15's library has the same" same_names_of_freebsd

soname() { readelf -d "$library" | grep -q 'SONAME.*\[libgssapi_krb5.so.2\]'; }
check "the soname" soname

no_others() {
	! readelf -W --dyn-syms "$library" | awk '$7 != "UND" && $7 != "ABS" && $8 != "" && $8 !~ /@/ && NR > 3' | grep .
}
check "nothing without a version" no_others

light() { ! readelf -d "$library" | grep NEEDED | grep -vE 'libc\.so|libpthread|ld-linux'; }
[ "$ours" != ours ] || check "it needs libc only" light

# Each package here that depends on MIT's library, by its files.
packages=$(dpkg-query -W -f '${Package} ${Depends}\n' | grep libgssapi-krb5-2 | cut -d ' ' -f 1 | sort -u)
for package in $packages; do
	dpkg-query -L "$package" | while read -r file; do
		[ -f "$file" ] && [ ! -L "$file" ] &&
		    readelf -d "$file" 2>/dev/null | grep -q 'NEEDED.*libgssapi_krb5.so.2' && echo "$file"
	done >"$work/files"
	while read -r file; do
		use ours
		# A plug-in may lack what its host has, but nothing of ours.
		"${with[@]}" ldd -r "$file" >"$work/ldd" 2>&1
		if grep -q "=> $library" "$work/ldd" &&
		    ! grep -E "undefined symbol: (_*gss|GSS|krb5_gss)|libgssapi_krb5.so.2: |not found" "$work/ldd" >"$work/out"; then
			ok "$package: $file"
		else
			not_ok "$package: $file" "$work/ldd"
		fi
	done <"$work/files"
done

# starts PROGRAM [ARGUMENT]...: with all symbols bound at once
starts() {
	use ours
	"${with[@]}" LD_BIND_NOW=1 "$@" </dev/null >"$work/started" 2>&1
	[ $? -lt 126 ] && ! grep -E "symbol lookup error|version .* not found" "$work/started"
}
while read -r program arguments; do
	# shellcheck disable=SC2086 # a list
	! command -v "$program" >/dev/null || check "$program starts" starts "$program" $arguments
done <<-END
	ssh -V
	curl --version
	psql --version
	gss-client
	kadmin -r NONE quit
END
finish
