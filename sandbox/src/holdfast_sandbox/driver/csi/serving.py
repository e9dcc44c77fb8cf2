"""gRPC: each method of each service on one unix socket, watched and disturbed on its way.

A call is noted, may be refused before it acts, acts, and may lose its answer. Methods that a service does
not have are answered with UNIMPLEMENTED by gRPC itself.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]

from holdfast_sandbox.driver.csi import requests
from holdfast_sandbox.driver.errors import Code, Refusal
from holdfast_sandbox.driver.history import History
from holdfast_sandbox.driver.rules import Call, Table
from holdfast_sandbox.driver.stubs import Message, Stubs

logger = logging.getLogger(__name__)

THREADS = 256  # a slow call keeps its thread, and must not keep others waiting

Act = Callable[[Message], Message]


class Server:
    """Serves from `start` to `stop`.

    Args:
        services: by name as in csi.proto; a method `CreateVolume` is the attribute `create_volume`.
    """

    def __init__(self, stubs: Stubs, services: Mapping[str, object], faults: Table, history: History) -> None:
        self._faults = faults
        self._history = history
        self._server = grpc.server(futures.ThreadPoolExecutor(THREADS))
        for name, service in services.items():
            self._server.add_generic_rpc_handlers([self._handler(stubs, name, service)])

    def start(self, socket: Path) -> None:
        socket.parent.mkdir(parents=True, exist_ok=True)
        socket.unlink(missing_ok=True)
        self._server.add_insecure_port(f"unix://{socket.absolute()}")
        self._server.start()

    def stop(self, grace: float) -> None:
        """Take no more calls, and leave those under way some seconds."""
        self._server.stop(grace).wait()

    def _handler(self, stubs: Stubs, service: str, target: object) -> grpc.GenericRpcHandler:
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                self._answerer(name, getattr(target, _snake(name))),
                request_deserializer=request.FromString,
                response_serializer=answer.SerializeToString,
            )
            for name, request, answer in stubs.methods(service)
            if hasattr(target, _snake(name))
        }
        return grpc.method_handlers_generic_handler(f"{stubs.package}.{service}", handlers)

    def _answerer(self, method: str, act: Act) -> Callable[[Message, Any], Message]:
        def answer(request: Message, context: grpc.ServicerContext) -> Message:
            started = time.monotonic()
            try:
                result = self._disturbed(Call(method, requests.subjects(request)), act, request)
            except Refusal as refusal:
                _log(method, started, str(refusal))
                context.abort(grpc.StatusCode[refusal.code], refusal.message)
            except Exception as failure:
                logger.exception("%s failed", method)
                context.abort(grpc.StatusCode[Code.INTERNAL], f"{type(failure).__name__}: {failure}")
            _log(method, started, "OK")
            return result

        return answer

    def _disturbed(self, call: Call, act: Act, request: Message) -> Message:
        full = self._history.note(call)
        with self._faults.during(full):
            self._faults.refuse()
            result = act(request)
            self._faults.lose()
            return result


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _log(method: str, started: float, outcome: str) -> None:
    logger.info("%s %s %.0f ms", method, outcome, 1000 * (time.monotonic() - started))
