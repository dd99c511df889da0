# SPDX-License-Identifier: GPL-2.0-only
# Executes notebooks with the kernel `vmalab` through nbclient, as Jupyter's own tools do, two at a time.
# usage: execute.py FOLDER TIMEOUT [--interrupt] NOTEBOOK...
# FOLDER is the kernels' current folder. Prints a JSON list: {"cells": [...], "error": null or text} for each notebook.
import asyncio
import json
import os
import sys

import nbformat
from nbclient import NotebookClient

folder, timeout, *paths = sys.argv[1:]
interrupt = paths[0] == "--interrupt"


async def execute(path, turn):
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
        async with turn:
            await client.async_execute()
        nbformat.validate(notebook)
    except Exception as exception:  # told by the test
        error = f"{type(exception).__name__}: {exception}"
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {"cells": cells, "error": error}


async def execute_all():
    turn = asyncio.Semaphore(2)
    return await asyncio.gather(*(execute(path, turn) for path in paths[interrupt:]))


# The kernels inherit the standard output: what they may print there is no part of the answer.
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
json.dump(asyncio.run(execute_all()), answer)
answer.close()
