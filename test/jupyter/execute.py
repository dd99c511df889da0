# SPDX-License-Identifier: GPL-2.0-only
# Executes notebooks with the kernel `vmalab` through nbclient, as Jupyter's own tools do.
# usage: execute.py FOLDER TIMEOUT [--interrupt] NOTEBOOK...
# FOLDER is the kernels' current folder. Prints a JSON list: {"cells": [...], "error": null or text} for each notebook.
import json
import sys

import nbformat
from nbclient import NotebookClient

folder, timeout, *paths = sys.argv[1:]
interrupt = paths[0] == "--interrupt"
results = []
for path in paths[interrupt:]:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="vmalab",
        timeout=int(timeout),
        interrupt_on_timeout=interrupt,
        resources={"metadata": {"path": folder}},
    )
    error = None
    try:
        client.execute()
        nbformat.validate(notebook)
    except Exception as exception:  # told by the test
        error = f"{type(exception).__name__}: {exception}"
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    results.append({"cells": cells, "error": error})
json.dump(results, sys.stdout)
