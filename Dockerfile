# The operator and the command line in an image, without the engine: only `holdfast repo` needs that.
#   docker build -t registry.example.com/holdfast:0.1.0 .
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV TARGET=/opt/holdfast UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv
WORKDIR /src
COPY pyproject.toml requirements.txt README.md LICENSE ./
COPY src src
RUN uv build --quiet --wheel --out-dir dist
RUN uv venv --quiet "$TARGET"
RUN uv pip install --quiet --compile-bytecode --python "$TARGET" --constraint requirements.txt dist/*.whl

FROM python:${PYTHON}-slim
COPY --from=build /opt/holdfast /opt/holdfast
ENV PATH=/opt/holdfast/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
ENTRYPOINT ["holdfast"]
CMD ["--help"]
