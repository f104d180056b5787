FROM python:3.11-slim-bookworm
# Optional groups of packages, such as [postgres]
ARG EXTRAS=
WORKDIR /app
COPY pyproject.toml constraints.txt LICENSE ./
COPY newsdesk newsdesk
COPY ingest ingest
COPY index index
COPY desk desk
COPY api api
COPY ui ui
COPY eval eval
COPY app app
RUN pip install --no-cache-dir --constraint constraints.txt --editable ".${EXTRAS}" \
    && useradd --create-home newsdesk && mkdir /data && chown newsdesk /data
USER newsdesk
ENV NEWSDESK_DATA=/data NEWSDESK_HOST=0.0.0.0
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"
CMD ["sh", "-c", "newsdesk sample && exec newsdesk serve"]
