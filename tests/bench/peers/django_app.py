# SPDX-License-Identifier: Apache-2.0
"""Django REST framework on the tables of jinzai, as its tutorial has it: models, serializers, views. For gunicorn."""

import os

import django
from django.conf import settings

settings.configure(
    DEBUG=False, ALLOWED_HOSTS=["*"], SECRET_KEY="nothing is signed", ROOT_URLCONF=__name__, USE_TZ=True,
    INSTALLED_APPS=["rest_framework"], MIDDLEWARE=[],
    REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
                    "DEFAULT_AUTHENTICATION_CLASSES": [], "DEFAULT_PERMISSION_CLASSES": [], "UNAUTHENTICATED_USER": None},
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PGHOST"],
                           "NAME": os.environ["PGDATABASE"], "USER": os.environ["PGUSER"], "CONN_MAX_AGE": None}})
django.setup()

from django.contrib.postgres.fields import ArrayField, DateRangeField  # noqa: E402  (models need the settings)
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, serializers  # noqa: E402


class Record(models.Model):
    id = models.UUIDField(primary_key=True)
    synthetic = models.BooleanField()
    version = models.IntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True
        app_label = "bench"


class Named(Record):
    code = models.TextField(unique=True)
    name_en = models.TextField(null=True)
    name_ja = models.TextField(null=True)

    class Meta:
        abstract = True
        app_label = "bench"


class Framework(Named):
    class Meta:
        managed = False
        db_table = 'core"."framework'
        app_label = "bench"


class Skill(Named):
    framework = models.ForeignKey(Framework, models.PROTECT)
    parent = models.ForeignKey("self", models.PROTECT, null=True)
    kind = models.TextField()
    definition_en = models.TextField(null=True)
    definition_ja = models.TextField(null=True)
    pillars = ArrayField(models.TextField())
    retired = models.DateField(null=True)
    note = models.TextField(null=True)
    source = models.TextField(null=True)
    unverified = models.BooleanField()

    class Meta:
        managed = False
        db_table = 'core"."skill'
        app_label = "bench"


class Organization(Named):
    class Meta:
        managed = False
        db_table = 'core"."organization'
        app_label = "bench"


class Person(Record):
    code = models.TextField(unique=True)
    name = models.TextField(null=True)
    career_stage = models.TextField()
    birth_cohort = models.SmallIntegerField(null=True)
    researcher_id = models.TextField(null=True)
    verified = models.BooleanField()

    class Meta:
        managed = False
        db_table = 'core"."person'
        app_label = "bench"


class Affiliation(Record):
    person = models.ForeignKey(Person, models.PROTECT, related_name="affiliations")
    organization = models.ForeignKey(Organization, models.PROTECT)
    fte = models.DecimalField(max_digits=4, decimal_places=3)
    valid = DateRangeField()

    class Meta:
        managed = False
        db_table = 'core"."affiliation'
        app_label = "bench"


class Holding(Record):
    person = models.ForeignKey(Person, models.PROTECT, related_name="holdings")
    skill = models.ForeignKey(Skill, models.PROTECT)
    level = models.SmallIntegerField()
    valid = DateRangeField()
    evidence = models.TextField()
    confidence = models.TextField()

    class Meta:
        managed = False
        db_table = 'core"."holding'
        app_label = "bench"


def brief(of):
    class Brief(serializers.ModelSerializer):
        class Meta:
            model = of
            fields = ["id", "code", "name_en", "name_ja"]
    return Brief


class SkillSerializer(serializers.ModelSerializer):
    framework = brief(Framework)()
    parent = brief(Skill)()

    class Meta:
        model = Skill
        fields = ["id", "code", "name_en", "name_ja", "definition_en", "definition_ja", "kind", "framework", "parent", "pillars",
                  "retired", "note", "source", "unverified", "synthetic", "version", "created_at", "updated_at"]


class AffiliationSerializer(serializers.ModelSerializer):
    organization = brief(Organization)()
    starts = serializers.DateField(source="valid.lower")

    class Meta:
        model = Affiliation
        fields = ["id", "organization", "fte", "starts", "version"]


class HoldingSerializer(serializers.ModelSerializer):
    skill = brief(Skill)()
    starts = serializers.DateField(source="valid.lower")
    ends = serializers.DateField(source="valid.upper")

    class Meta:
        model = Holding
        fields = ["id", "skill", "level", "evidence", "confidence", "starts", "ends", "version"]


class PersonSerializer(serializers.ModelSerializer):
    affiliations = AffiliationSerializer(many=True)
    holdings = HoldingSerializer(many=True)

    class Meta:
        model = Person
        fields = ["id", "code", "name", "career_stage", "birth_cohort", "researcher_id", "affiliations", "holdings", "verified",
                  "synthetic", "version", "created_at", "updated_at"]


class SkillView(generics.RetrieveAPIView):
    queryset = Skill.objects.select_related("framework", "parent")
    serializer_class = SkillSerializer
    lookup_field = "code"


class PersonView(generics.RetrieveAPIView):
    queryset = Person.objects.prefetch_related("affiliations__organization", "holdings__skill")
    serializer_class = PersonSerializer
    lookup_field = "code"


urlpatterns = [path("skill/<code>", SkillView.as_view()), path("person/<code>", PersonView.as_view())]
application = get_wsgi_application()
