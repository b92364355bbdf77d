// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"fmt"
	"strings"
	"testing"
)

// tests/c/gss_pname_to_uid.c has more, beside the C library.
func TestExtendedRegularExpressions(t *testing.T) {
	for _, c := range []struct{ expr, text, want string }{
		{`\<b`, "ab b", "[3 4]"}, {`a\>`, "ab a", "[3 4]"}, {`[[:<:]]b`, "ab b", "[3 4]"}, {`a[[:>:]]`, "ab a", "[3 4]"},
		{`(\<|x)b`, "ab xb", "[3 5]"}, {`a|ab|abc`, "xabcd", "[1 4]"}, {`(a|ab)(c|bcd)`, "abcd", "[0 4]"}, {`b*`, "abb", "[0 0]"},
		{`\d`, "1d", "[1 2]"}, {`[\d]`, "1\\", "[1 2]"}, {`a+?`, "b", "[0 0]"}, {`a{2}{2}`, "aaaaa", "[0 4]"}, {`.`, "\n", "[0 1]"},
		{`[^a]`, "a\n", "[1 2]"}, {`^b`, "a\nb", "[]"}, {`a$`, "a\nb", "[]"}, {`é\w`, "xéa", "[1 4]"}, {`)`, "a)", "[1 2]"},
		{`a\`, "", "a backslash"}, {`(a)\1`, "", "back references"}, {`[a`, "", "bracket"}, {`[[:word:]]`, "", "bracket"}, {`[[:nonsense:]]`, "", "invalid"}, {`a{2`, "", "interval"},
		{`(a`, "", "missing"}, {`+`, "", "nothing to repeat"}, {`\<*`, "", "nothing to repeat"}, {"a\xff", "", "UTF-8"},
	} {
		e, err := compileEREFor(c.expr, true)
		switch {
		case err != nil && (c.text != "" || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v", c.expr, err)
		case err == nil && fmt.Sprint(e.find(c.text)) != c.want:
			t.Errorf("%s in %q: %v, not %s", c.expr, c.text, e.find(c.text), c.want)
		}
	}
	if _, err := compileEREFor(`[[:<:]]b`, false); err == nil {
		t.Error("[[:<:]] is known elsewhere than on FreeBSD")
	}
}

func FuzzExtendedRegularExpression(f *testing.F) {
	f.Add(`^\<(a|b+)[^]c-e]{1,2}\>$`, "a b")
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 50 || len(text) > 200 {
			return // the bounds are those of a rule
		}
		e, err := compileEREFor(expr, true)
		if err != nil {
			return
		}
		if m := e.find(text); m != nil && (len(m) != 2 || m[0] > m[1] || m[0] < 0 || m[1] > len(text)) {
			t.Errorf("%q in %q: %v", expr, text, m)
		}
	})
}
