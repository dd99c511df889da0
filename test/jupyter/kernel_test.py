# SPDX-License-Identifier: GPL-2.0-only
# The Jupyter project's own tests of kernels, with every optional sample given.
# usage: kernel_test.py KERNEL
# Prints JSON: {"run": count, "skipped": names, "failed": {name: why}}.
import json
import signal
import sys
import unittest

import jupyter_kernel_test

kernel = sys.argv[1]


# Some of its waits have no end.
def give_up(_signal, _frame):
    raise TimeoutError("no answer within a minute")


signal.signal(signal.SIGALRM, give_up)


class Limited:
    def setUp(self):
        signal.alarm(60)

    def tearDown(self):
        signal.alarm(0)


class KernelTests(Limited, jupyter_kernel_test.KernelTests):
    kernel_name = kernel
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oops")'
    completion_samples = [
        {"text": "JSON.str", "matches": {"stringify"}},
        {"text": "[1].flatM", "matches": {"flatMap"}},
    ]
    complete_code_samples = ["1", 'console.log("x")', "function f(n: number) {\n  return n\n}\n"]
    incomplete_code_samples = ["function f() {", "[1,", "`text", "if (true)"]
    invalid_code_samples = ["const = 1", "a b", '"text']
    code_page_something = 'pager("something")'
    code_generate_error = 'throw new Error("generated")'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "[1, 2].map((n) => n * 2)", "result": "[ 2, 4 ]"},
        {"code": "const t: string = 'text'; t", "result": "'text'"},
    ]
    code_display_data = [
        {"code": 'import { display } from "tslab"; display.html("<b>1</b>")', "mime": "text/html"},
        {"code": 'import { display } from "tslab"; display.svg("<svg></svg>")', "mime": "image/svg+xml"},
    ]
    code_history_pattern = "6 [*] 7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "JSON.parse"
    code_clear_output = "clearOutput()"


class IopubWelcomeTests(Limited, jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = kernel
    support_iopub_welcome = True


suite = unittest.TestSuite(
    unittest.defaultTestLoader.loadTestsFromTestCase(one) for one in (KernelTests, IopubWelcomeTests)
)
result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
failed = {str(test): trace for test, trace in result.failures + result.errors}
skipped = [str(test) for test, _ in result.skipped]
json.dump({"run": result.testsRun, "skipped": skipped, "failed": failed}, sys.stdout)
