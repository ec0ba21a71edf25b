# One image for all: `flask serve` runs site and worker together, compose.yaml runs them apart.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /app/.venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin wastetrack
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY config.py LICENSE ./
COPY migrations migrations
COPY static static
COPY templates templates
COPY wastetrack wastetrack
RUN mkdir instance && chown wastetrack instance
USER wastetrack
ENV PATH=/app/.venv/bin:$PATH FLASK_APP=wastetrack.app HOST=0.0.0.0 PORT=8000 \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
VOLUME /app/instance
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]
CMD ["flask", "serve"]
