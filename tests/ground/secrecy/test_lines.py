# ruff: noqa: E501 (a table of what people write)
"""Secrets in lines without a sign between name and value, and labels in many languages."""

from __future__ import annotations

import json
import re

import pytest

from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.parts import secret_parts, secret_parts_of_setting
from tests.ground.secrecy.test_parts import masked

# The text between « and » is secret; everything else stays readable.
LINES = [
    'joe «hunter2x9»',
    'Login to the jump host\njoe «hunter2x9»\nask Ada',
    'joe / «hunter2x9»',
    'joe:«hunter2x9»',
    'joe@example.org «hunter2x9»',
    'joe@example.org\t«hunter2x9»',
    'joe «hunter2x9»\nann «winter-2024»',
    'joe\n«hunter2x9»',
    'db.example.org joe «hunter2x9»',
    '- joe «hunter2x9»\n- ann «hunter3y9»',
    'joe - «hunter2x9»',
    'joe, «hunter2x9»',
    'joe | «hunter2x9»',
    'joe -> «hunter2x9»',
    'joe = «hunter2x9»',
    'snmp-server community «made-up»',
    'snmp-server community «made-up1» RO 10',
    'snmp-server user joe grp v3 auth sha «made-up-1» priv aes 128 «made-up-2»',
    'enable secret 5 «$1$mERr$hx5rVt7rPNoS4wqbXKX7m0»',
    'enable password «made-up»',
    'enable secret «made-up»',
    'username joe privilege 15 secret 0 «made-up-1»',
    'username joe password 7 «0822455D0A16»',
    'tacacs-server key «made-up»',
    'tacacs-server host 10.0.0.1 key 7 «0822455D0A16»',
    'radius-server host 10.0.0.1 auth-port 1812 key «made-up»',
    'crypto isakmp key «made-up» address 10.0.0.1',
    'ip ospf message-digest-key 1 md5 «made-up»',
    'neighbor 10.0.0.2 password «made-up»',
    'wpa-psk ascii 0 «made-up»',
    'key chain a\n key 1\n  key-string «made-up»',
    'standby 1 authentication «made-up»',
    'ntp authentication-key 1 md5 «made-up»',
    'rocommunity «made-up» 10.0.0.0/8',
    'rwcommunity «made-up»',
    'snmpwalk -v2c -c «made-up» 10.0.0.1 sysDescr',
    'snmpget -v3 -u joe -l authPriv -a SHA -A «made-up-1» -x AES -X «made-up-2» host oid',
    'SNMP community: «made-up1»',
    'community string: «made-up1»',
    'set system root-authentication encrypted-password "«$6$abc123xyz$ABCDEF»"',
    'set system login user joe authentication plain-text-password-value "«made-up»"',
    '/user add name=joe password=«made-up» group=full',
    '/ppp secret add name=joe password=«made-up»',
    'local-user joe password cipher «made-up1»',
    'set passwd «made-up»\nset psksecret «made-up2»',
    'tunnel-group 1.2.3.4 ipsec-attributes\n pre-shared-key «made-up»',
    'ikev2 remote-authentication pre-shared-key «made-up»',
    'ppp chap password 0 «made-up»',
    'line vty 0 4\n password «made-up»\n login',
    'requirepass «made-up»\nmaxmemory 100mb',
    'masterauth «made-up»',
    'user joe on >«made-up» ~* +@all',
    '"joe" "«made-up»"',
    '10.0.0.1 10.0.0.2 : PSK "«made-up»"',
    'joe * «made-up1» *',
    '-----BEGIN OpenVPN Static key V1-----\n«6acef03f62675b4b1bbd03e53b187727»\n-----END OpenVPN Static key V1-----',
    'PresharedKey = «yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=»',
    'account a\nhost smtp.example.org\nuser joe\npassword «made-up»',
    'poll mail.example.org user "joe" password "«made-up»"',
    'set imap_pass="«made-up»"',
    'username=joe\npassword=«made-up»\ndomain=ACME',
    'https://joe:«made-up»@github.com',
    '//registry.npmjs.org/:_authToken=«npm_A1b2C3d4E5f6»',
    '[pypi]\nusername = __token__\npassword = «pypi-AgEIcHlwaS5vcmcCJGE»',
    '<settings><password>«made-up»</password></settings>',
    'key "k" { algorithm hmac-sha256; secret "«c2VjcmV0LXRzaWc=»"; };',
    'default_pass = «made-up»',
    'security:\n  keyFile: /etc/k\n  password: «made-up»',
    'AuthUserFile /etc/x\nSQLConnectInfo db@host joe «made-up1»',
    'password_pbkdf2 root «grub.pbkdf2.sha512.10000.AB12CD34EF56AB12»',
    'psk=«0123456789abcdef0123456789abcdef»',
    'net use z: \\\\host\\share «made-up1» /user:joe',
    'cmdkey /add:host /user:joe /pass:«made-up»',
    'psexec \\\\host -u joe -p «made-up» cmd',
    'open sftp://joe:«made-up»@host/',
    'plink -ssh joe@host -pw «made-up» ls',
    'pscp -pw «made-up» a joe@host:',
    'putty.exe -ssh joe@host -pw «made-up»',
    'rdesktop -u joe -p «made-up» host',
    'wget --user=joe --password=«made-up» https://x',
    'http -a joe:«made-up1» https://x',
    '[client]\npassword=«made-up»',
    "useradd -p '«$6$abc123xyz$ABCDEF»' joe",
    "echo 'joe:«made-up1»' | chpasswd",
    'echo «made-up1» | passwd --stdin joe',
    'echo «made-up1» | sudo -S ls',
    'echo «made-up1» | docker login -u joe --password-stdin',
    'ansible_ssh_pass: «made-up»\nansible_become_pass: «made-up2»',
    'host1 ansible_user=joe ansible_ssh_pass=«made-up»',
    'x11vnc -passwd «made-up»',
    'kinit joe@REALM <<< «made-up1»',
    'lftp -u joe,«made-up» host',
    'mount -t cifs -o username=joe,password=«made-up» //h/s /mnt',
    '[r]\ntype = sftp\npass = «made-up1»',
    "BORG_PASSPHRASE='«made up»' borg list",
    'export RESTIC_PASSWORD=«made-up»',
    'gpg --passphrase «made-up» -d a.gpg',
    'keytool -list -storepass «made-up» -keypass «made-up2»',
    'jarsigner -storepass «made-up» a.jar',
    'signtool sign /f a.pfx /p «made-up» a.exe',
    'openssl pkcs12 -in a -passin pass:«made-up»',
    'certutil -p «made-up» -importpfx a.pfx',
    '.logon td1/joe,«made-up»',
    'libname a oracle user=joe password="«made-up»";',
    'odbc load, dsn("x") user("joe") password("«made-up»")',
    'db2 connect to db user joe using «made-up»',
    '[dsn]\nUID = joe\nPWD = «made-up»',
    'expdp joe/«made-up1» dumpfile=a',
    'isql dsn joe «made-up»',
    'vsql -h h -U joe -w «made-up»',
    'clickhouse-client --user joe --password «made-up»',
    'trino --user joe --password <<< x',
    'cqlsh -u joe -p «made-up»',
    'influx -username joe -password «made-up»',
    'cypher-shell -u neo4j -p «made-up»',
    'etcdctl --user joe:«made-up1» get k',
    'curl -u elastic:«made-up» https://x',
    'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="joe" password="«made-up»";',
    'vault login «hvs.CAESIAbCdEfGh»',
    'consul --token «made-up-1» members',
    'oc login --token=«sha256~AbCdEf123» --server=https://x',
    'kubeadm join 10.0.0.1:6443 --token «abcdef.0123456789abcdef» --discovery-token-ca-cert-hash sha256:aa',
    'kubectl create secret generic db --from-literal=password=«made-up»',
    'gcloud sql users set-password joe --instance=i --password=«made-up»',
    'aws configure set aws_secret_access_key «wJalrXUtnFEMI/K7MDENG/bPx»',
    'set -x DB_PASSWORD «made-up»',
    'setenv DB_PASSWORD «made-up»',
    'set DB_PASSWORD=«made-up»',
    'setx DB_PASSWORD "«made-up»"',
    "CREATE LOGIN joe WITH PASSWORD = '«made-up»'",
    "CREATE USER 'joe'@'%' IDENTIFIED BY '«made-up»'",
    "ALTER USER joe IDENTIFIED WITH mysql_native_password BY '«made-up»'",
    'CREATE USER joe IDENTIFIED BY «made_up1»',
    'CREATE USER joe IDENTIFIED BY "«made-up»"',
    "SET PASSWORD FOR joe = '«made-up»'",
    "UPDATE user SET password=PASSWORD('«made-up»')",
    "ALTER USER joe WITH ENCRYPTED PASSWORD '«made-up»'",
    "CREATE SECRET (TYPE s3, KEY_ID 'AKIA', SECRET '«made-up»')",
    "OPTIONS (user 'joe', password '«made-up»')",
    'The password is «hunter2x9» for now',
    'Old password was «hunter2x9»',
    'Login joe (password «hunter2x9»)',
    'joe (pw: «hunter2x9»)',
    'Password - «hunter2x9»',
    'Password – «hunter2x9»',
    'Password\n«hunter2x9»',
    'Password:\n«hunter2x9»',
    'Password:\n«correct horse battery staple»',
    'password → «hunter2x9»',
    'password is "«correct horse»"',
    'PIN: «739204»',
    'PIN: 7392',
    'Door code: «739204»',
    'Safe combination: «12-34-56-7»',
    'Alarm code «739204»',
    'Security answer: «Lovelace»',
    'License key: «ABCD1-EFGH2-IJKL3-MNOP4»',
    'Serial: ABCD1-EFGH2-IJKL3-MNOP4',
    'Product key: «XXXX1-YYYY2-ZZZZ3»',
    'SSN: «123-45-6789»',
    'CVV: 123',
    'curl -ujoe:«Made-up-1» https://x.example',
    "curl --user 'joe:«Made up 1»' https://x.example",
    'curl --data-urlencode "password=«Made up-1»" https://x.example',
    'curl --pass «Made-up-1» --cert a.pem https://x.example',
    'curl --cert a.pem:«Made-up-1» https://x.example',
    'curl -E a.pem:«Made-up-1» https://x.example',
    'http --auth-type bearer --auth «Made-up-token1» x.example',
    'https -A bearer -a «Made-up-token1» x.example',
    'requests.get(url, auth=("joe", "«Made-up-1»"))',
    "requests.get(url, auth=HTTPBasicAuth('joe', '«Made-up-1»'))",
    'X-Functions-Key: «Made-up-1==»',
    'conda config --add channels https://conda.example.org/t/«jo-7c9e6679-7425-40de-944b-e07fc1f90ae7»/acme',
    'redis-cli --user joe --pass «Made-up-1»',
    's3cmd --access_key=AKIAIOSFODNN7EXAMPLE --secret_key=«Made-up-1» ls',
    'create_engine(URL.create("postgresql", "joe", "«Made-up-1»", "h"))',
    'paramiko.SSHClient().connect("h", 22, "joe", "«Made-up-1»")',
    'u: joe\np: «Made-up-1»',
    'U: joe P: «Made-up-1»',
    'WiFi: Office-5G / «Made-up-1»',
    'WIFI:T:WPA;S:Office;P:«Made-up-1»;;',
    'PUK: «12345679»\nPIN: 1234',
    '2FA seed: «JBSW Y3DP EHPK 3PXP»',
    'Backup codes: «1234-5678», «8765-4321», «1122-3344»',
    'BitLocker recovery key: «123456-234567-345678-456789-567890-678901-789012-890123»',
    'FileVault key: «ABCD-EFGH-IJKL-MNOP-QRST-UVWX»',
    'Apple ID recovery key «RK-1A2B3C4D5E6F»',
    '<property><name>javax.jdo.option.ConnectionPassword</name><value>«Made-up-1»</value></property>',
    '<string name="api_key">«Made-up-1»</string>',
    '<key>Password</key>\n<string>«Made-up-1»</string>',
    '<password><![CDATA[«Made-up-1»]]></password>',
    'let api_key: &str = "«Made-up-1»";',
    "$password = '«Made-up-1»';",
    "PASSWORD <- '«Made-up-1»'",
    'password <- "«Made-up-1»"',
    "setattr(cfg, 'password', '«Made-up-1»')",
    "COPY INTO t FROM 's3://b/' CREDENTIALS=(AWS_KEY_ID='AKIAIOSFODNN7EXAMPLE' AWS_SECRET_KEY='«Made-up-1»')",
    'Token (expires 2025-01-01): «Made-up-token1»',
    'Token [read only]: «Made-up-token1»',
    'API key for staging: «Made-up-1»',
    'API key (staging) = «Made-up-1»',
    'Password for user joe: «Made-up-1»',
    'Password of the NAS: «Made-up-1»',
    'The root password for db01 is «Made-up-1»',
    'Root pw on db01: «Made-up-1»',
    'Password ... «Made-up-1»',
    'Password ==> «Made-up-1»',
    'Password >> «Made-up-1»',
    '| user | password |\n|---|---|\n| joe | «Made-up-1» |\n| ann | «Made-up-2» |',
    '**Password** «Made-up-1»',
    '<b>Password:</b> «Made-up-1»',
    'Password: <code>«Made-up-1»</code>',
    '🔑 «Made-up-1»',
    'Password➡️ «Made-up-1»',
    'Password:\n\n\n«Made-up-1»',
    'password(old)=«Made-up-1»',
    'passwd[0]=«Made-up-1»',
    'mongodb://a.example:27017,b.example:27017/app?authMechanismProperties=AWS_SESSION_TOKEN:«Made-up-token1»',
    'https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/«XXXXXXXXaaaaBBBBcccc1234»',
    'https://discordapp.com/api/webhooks/1234567890/«abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz»/slack',
    'tgram://123456789:«AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw»/12345',
    'https://hooks.zapier.com/hooks/catch/1234567/«b2c3d4e»/',
    'https://maker.ifttt.com/trigger/event1/with/key/«dB3dE5gH7jK9mN1pQ2rS4t»',
    'https://s3.amazonaws.com/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20240115%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20240115T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=«fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024»',
    'https://storage.googleapis.com/b/k?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=etl%40acme.iam.gserviceaccount.com%2F20240115%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20240115T000000Z&X-Goog-Expires=900&X-Goog-SignedHeaders=host&X-Goog-Signature=«247a2aa45f169edf4d187d54e7cc46e4731b1e6273242c4f4c39a1d2507a0e58»',
    'https://h.example/reset/«eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r»',
    'https://h.example/x?authkey=«Made-up-1»',
    'https://h.example/x?u=joe&p=«Made-up-1»',
    'https://h.example/x?email=joe@x.example&p=«Made-up-1»',
    'https://h.example/rest/ping.view?v=1.16&p=«hunter22»&userName=joe',
    'https://h.example/x?account=joe;p=«Made-up-1»',
    'https://h.example/x?p=docs&lang=en',
    'https://h.example/x?users=joe&p=2',
    'http://influx.example:8086/write?db=a&u=joe&p=«Made-up-1»',
    'https://h.example/x?P=«Made-up-1»&User-Name=joe',
    'https://h.example/x?uname=joe&p=«Made-up-1»',
    'https://h.example/#user=joe&p=«Made-up-1»',
    'https://h.example/#/login?user=joe&p=«Made-up-1»',
    'https://h.example/x?next=%2Fx%3Fuser%3Djoe%26p%3D«Made-up-1»',
    'https://h.example/x?data=user%3Djoe%26p%3D«Made-up-1»',
    'https://h.example/x?data=user%3Djoe%26p%3D2&p=docs',
    'https://h.example/x?user=joe&p=2',
    'https://h.example/x?p=Made-up-1&page=3',
    'https://h.example/x?user=joe&page=Made-up-1',
    'GET /x?user=joe&p=«Made-up-1» HTTP/1.1',
    'GET h.example/x?p=«Made-up-1»&amp;user=joe HTTP/1.1',
    'curl --data "user=joe&p=«Made-up-1»" h.example',
    'GET /x?user=joe&page=2&p=3 HTTP/1.1',
    'GET /x?p=Made-up-1&page=2 HTTP/1.1',
    'https://h.example/x?pw=«Made-up-1»',
    'https://h.example/x?pwd=«Made-up-1»',
    'https://h.example/x?pass=«Made-up-1»',
    'https://h.example/x?user=joe&psw=«Made-up-1»',
    'https://h.example/x?user=joe&pswd=«Made-up-1»',
    'https://h.example/x?sas=«aB3dE5gH7jK9»',
    'https://h.example/x?sas=sv%3D2022-11-02%26sig%3D«Made-up-1»',
    'https://h.example/x?sas=business&signature=«Made-up-1»',
    'https://h.example/x?sas=stockholm-2024',
    'https://h.example/cb?code=«Zx81Kq77aB»&state=waiting',
    'https://h.example/cb#state=waiting&code=«Zx81Kq77aB»',
    'https://h.example/x?code=DE&state=BY',
    'https://h.example/x?code=EUR-2024-Q1&state=waiting',
    'https://h.example/x?code=B0CHX1W1XY&lang=en',
    'https://h.example/x?ticket=«ST-1234-Zx81Kq77aB»',
    'https://h.example/x?ticket=DATA-1234',
    'https://h.example/x?code_verifier=«Zx81Kq77aB»',
    'https://h.example/cb#access_token=«Made-up-1»&token_type=bearer',
    'https://h.example/cb#id_token=«Made-up-1»',
    'https://h.example/x?session=«aB3dE5gH7jK9»',
    'https://h.example/x?sessionid=«aB3dE5gH7jK9»',
    'nats://«s3cr3t-token»@n1:4222',
    'nats://joe:«Made-up-1»@n1:4222,nats://joe:«Made-up-2»@n2:4222',
    'trojan://«Made-up-1»@h:443?sni=x',
    'Servers\n=======\ndb01  10.0.0.12  root  «Made-up-1»\ndb02  10.0.0.13  root  «Made-up-2»',
    'db01: root/«Made-up-1»\ndb02: root/«Made-up-2»',
    'root@db01: «Made-up-1»',
    'Router admin/«Made-up-1»',
    'iDRAC: root / «Made-up-1»',
    'IPMI ADMIN «Made-up-1»',
    'NAS admin - «Made-up-1»',
    'Jenkins: admin «Made-up-1»',
    'Grafana → admin → «Made-up-1»',
    'admin\t«Made-up-1»\tfull access',
    'Password was changed to «Made-up-1»',
    'changed password to «Made-up-1»',
    'set password to «Made-up-1»',
    'PIN for card 1234: «739204»',
    'Backup code «a1b2c3d4»',
    'Authenticator key: «jbsw y3dp ehpk 3pxp»',
    'User name,Password,Access key ID,Secret access key,Console login link\njoe,«Made-up-1»,AKIAIOSFODNN7EXAMPLE,«wJalrXUtnFEMI/K7MDENG»,https://123456789012.signin.aws.amazon.com/console',
    '"url","username","password"\n"https://x.example","joe","«Made-up-1»"',
    'Title;Login;Passwort;URL\nWiki;joe;«Made-up-1»;https://x.example',
    'folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n,,login,x,,,0,https://x,joe,«Made-up-1»,«JBSWY3DPEHPK3PXP»',
    'wiki\n  user joe\n  pass «Made-up-1»\n  url https://x.example',
    'POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-«Made-up-1»}',
    'PASSWORD=${PASSWORD:=«Made-up-1»}',
]  # fmt: skip

# Nothing in them is secret: neither as a whole note nor as a line of one.
PLAIN = r"""
Reset the password yearly
The password is required for login
The password is known to Ada
Password protected area
Secret santa 2024
Change password before Monday
The token is sent by mail
Token ring network 802.5
Each token costs 0.0004 dollars
The key is under the mat
password policy: 12 characters, rotate yearly
passwords are rotated by the pipeline
no service password-encryption
service password-encryption
crypto key generate rsa modulus 2048
key chain backbone
ip address 10.0.0.1 255.255.255.0
ip route 0.0.0.0 0.0.0.0 10.0.0.254
interface GigabitEthernet0/1
hostname core-switch-01
router bgp 65001
neighbor 10.0.0.2 remote-as 65002
access-list 10 permit 10.0.0.0 0.0.0.255
ntp server 192.168.1.10
logging host 10.0.0.5
snmp-server location Berlin-DC1
snmp-server contact ops@example.org
snmp-server enable traps
set system host-name router1
vlan 20 name warehouse
maxmemory 100mb
bind 127.0.0.1
save 900 1
port 6379
user nginx
worker_processes auto
listen 443 ssl http2
server_name app.example.org
proxy_pass http://backend8080
ssl_certificate /etc/ssl/certs/app.pem
FROM python:3.11-slim
RUN pip install pandas==2.1.0 numpy
EXPOSE 8080
USER app1000
WORKDIR /srv/app
pip install scikit-learn1
conda create -n analytics python=3.11
git checkout -b feature/login2
git clone git@github.com:acme/app.git
git tag v1.2.3
docker run -p 8080:80 -u 1000:1000 nginx:1.25
docker run --user app:staff2 nginx
docker push registry.example.org/team/app:2024-01-15
kubectl get pods -n analytics
kubectl rollout restart deployment/web2
kubectl config use-context prod-cluster1
kubectl config set-context analytics2
git config --global user.name Ada1815
npm config set registry https://registry.example.org
aws configure set region eu-west-1
aws s3 cp s3://acme-data/part-0001.parquet .
gcloud config set project acme-analytics1
ssh -p 2222 joe@host.example.org
ssh -L 5433:localhost:5432 bastion
scp -P 2222 a.txt host:
rsync -avz src/ host:/srv/data2
psql -U etl -d analytics -h db.example.org --password analytics
mysql --password analytics2
mysql -u etl -p analytics
tar -czf backup-2024.tar.gz data
find . -name report2024
grep -r pattern1 src
sudo systemctl restart nginx2
crontab: 0 3 * * * /srv/run.sh
echo hello1 | wc
echo made1 | grep ma
cat file1.txt | sort
export PATH=$PATH:/opt/bin2
setenv EDITOR vim9
set -x LANG en_US.UTF-8
curl -u joe https://api.example.org
curl -X POST https://api.example.org/v1/rows
http -a joe https://x
openssl req -new -x509 -days 365
ssh-keygen -t ed25519 -C ada@laptop
net use z: \\host\share
net user joe
vault read secret/data/warehouse1
vault login -method=oidc
oc login https://api.example.org
az login --tenant acme1234
docker login registry1.example.org
docker login --password-stdin registry1.example.org
gpg --passphrase-fd 0 -d a.gpg
kinit joe@EXAMPLE.ORG
kubeadm join --token-ttl 24h0m0s
ansible-playbook --ask-vault-pass site2.yml
ansible-playbook --vault-password-file ~/.vault2 site.yml
token count 128000
max tokens 128000
input tokens 1500000
tokens per second 120000
def token(self): return self._token2
password = getpass.getpass("Password: ")
token = get_token("user-service1")
secret = client.get_secret("warehouse-login1")
st.secrets["warehouse1"]
password_field = driver.find_element("id", "password1")
CREATE TABLE t (password varchar(255), token text, secret bytea);
SELECT token, secret FROM users WHERE id = 100200;
INSERT INTO t VALUES ('europe', 'analytics1');
GRANT SELECT ON orders TO analyst1;
SELECT count(*) FROM sales_2024 WHERE region = 'europe'
library(tidyverse)
df <- read.csv("sales_2024.csv")
import pandas as pd
x = df.groupby("region1").sum()
Windows Server 2019
Ubuntu 22.04.3 LTS
Flight LH1234 Berlin
Order 4500123456
Order A4500123456
Invoice INV-2024-001
Customer C0012345
Room B2.401
Meeting 10:30
Berlin 10115
Street 12a
GPU A100-80GB
gpu RTX4090
CPU i7-12700K
instance m5.2xlarge
instance t3a.medium
size Standard_D4s_v3
model gpt-4o-2024-08-06
model claude-3-5-sonnet-20241022
model llama-3.1-8b-instruct
model text-embedding-3-small
dataset imagenet1k_v2
table sales_2024_q3
table utf8mb4
column x1y2z3
branch feature-123
bucket acme-data-2024
cluster k8s-prod1
node ip-10-0-1-23.eu-west-1.compute.internal
container 3f2a9c81d7e6
image sha256:2f9b0c7a
commit 9fceb02
version 1.2.3-rc1
release 2024.1.15
build 20240115.3
ticket DATA-1234
sensor BME280
isbn 9783161484100
ISBN 978-3-16-148410-0
plate B-AB1234
IBAN: none
phone +442079460958
Phone: +44 20 7946 0958
Zip code: 101150
Postal code: SW1A1AA
Error code: E1234567
Status code: 404
Code postal: 750011
Código de cliente: C0012345
Clave primaria: id_cliente1
Primärschlüssel: kunde_id2
Schlüssel: kunde_id
Kod pocztowy: 00-950-12
Μυστικό: δεν
Tokenizer: cl100k_base
Secret manager: aws-secretsmanager
Secrets Manager project sales2
Password manager: bitwarden
password_hash_algorithm: argon2id
Password length: 123456
Passwort vergessen: https://example.org/reset
Mot de passe oublié : voir le wiki
Das Passwort ist abgelaufen
Das Passwort ist geheim
Le mot de passe est obligatoire
La contraseña es obligatoria
パスワード: なし
密码：无
token: ${TOKEN}
token expires 2024-01-15
token valid until 2024-12-31
Token from https://example.org/tokens
secret rotation 90days12
joe@example.org
joe@example.org 2024-01-15
joe@example.org +442079460958
ada@example.org room4.12
ada@example.org Berlin
Ada Lovelace
Ada 1815-12-10
Ada +44 20 7946 0958
Bob 10-18h
team analytics1
stage europe2
Version v2beta1
libpq 16.2-1.pgdg120+1
libc6 2.36-9+deb12u4
numpy 1.26.4
torch 2.1.0+cu121
torch==2.1.0+cu121
python3 3.11.6-1
nginx 1.25.3-1~bookworm
host db-prod-01
host db01-eu1
web01-eu1 10.0.0.12
db1 10.0.0.12:5432
eth0 00:1a:2b:3c:4d:5e
sda1 500GB
/dev/sda1 ext4
id 7c9e6679-7425-40de-944b-e07fc1f90ae7
tenant 7c9e6679-7425-40de-944b-e07fc1f90ae7
s3 s3://bucket1/key2
color #a1b2c3
sku AB12CD34EF
Model X1C3D2
part 4N25A6B7
Lot L2024A17B
batch b2024a17c
run r2d2c3po
experiment exp12run7
lr 3e-4
date 15JAN2024
time 10h30m15s
duration 1h30m
timeout 24h0m0s
size 10x20x30
res 1920x1080p60
h264 x264crf23
cron @daily
hash a1b2c3d4e5f6
mac 001a2b3c4d5e
uuid4 v4
file part-00001-abc.snappy.parquet
path data/2024/01/part1.csv
url app1.example.org/x1y2
key: value1
name: ada1815
user: ada1815
login: ada1815
username ada1815
user joe1975x2
login ada1815x2
root /srv/data2024/Report
admin v2.4.1-rc1
admin@example.org 2024-01-15
postgres:16.2-alpine3.19
root/page2024
${VERSION:-1.2.3-rc1}
${DB_PASSWORD:-changeme}
name, token count, region2
Password history: 24 remembered
Password rules: 12-64 characters, 1 digit
Password complexity: 3 of 4 classes
Password: (none)
Password: unchanged
secret: projects/123/secrets/db/versions/latest
Token price: 0.0001234 USD
Token address: 0x6B175474E89094C44Da98b954EedeAC495271d0F
Contract 0x6B175474E89094C44Da98b954EedeAC495271d0F
token symbol: USDC2024
pin mapping: GPIO17=LED1
credential helper: osxkeychain2
Pass rate: 98.7654%
IMEI 490154203237518
ASIN: B08N5WRWNW
Tracking: 1Z999AA10123456784
sha256:2f9b0c7a1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c
5d41402abc4b2a76b9719d911017c592  file.csv
image: registry.example.org/team/app@sha256:2f9b0c7a1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c
https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf
vpc-0a1b2c3d4e5f67890
subnet-0a1b2c3d4e5f67890
sg-0a1b2c3d4e5f67890
secret = boto3.client("secretsmanager").get_secret_value(SecretId="prod/db2")
password: !Ref DBPassword2
password = random_password.db.result
password: vault:secret/data/db#password2
password_cmd: gpg -q -d ~/.pw.gpg
$ kubectl get secret db-secret-2 -o yaml
$ bw get password "Warehouse DB2"
"""

LABELS = {
    'Italian': ["Parola d'ordine", 'Parola d’ordine', "Chiave d'accesso", 'Codice segreto', 'Frase segreta', 'Chiave segreta', 'Parola chiave', "Password d'accesso"],
    'French': ['Mot de passe', 'Mot-de-passe', 'Phrase de passe', 'Phrase secrète', 'Clé secrète', "Clé d'API", 'Clé API', 'Code secret', "Code d'accès", "Jeton d'accès", 'Jeton', 'MDP', 'Mdp', 'Mot de passe du Wi-Fi'],
    'Spanish': ['Contraseña', 'Clave', 'Clave de acceso', 'Clave secreta', 'Frase de contraseña', 'Palabra clave', 'Código secreto', 'Contrasenya', 'CONTRASEÑA', 'Clave API'],
    'German': ['Passwort', 'Kennwort', 'Passphrase', 'Zugangscode', 'Geheimnis', 'Geheimer Schlüssel', 'API-Schlüssel', 'Zugangsdaten', 'Losung', 'Losungswort', 'WLAN-Schlüssel', 'WLAN-Passwort', 'Geheimzahl', 'Datenbankpasswort', 'Netzwerkschlüssel'],
    'Dutch': ['Wachtwoord', 'Wachtzin', 'Toegangscode', 'Geheime sleutel', 'API-sleutel', 'Pincode'],
    'Portuguese': ['Senha', 'Palavra-passe', 'Palavra passe', 'Frase-senha', 'Chave secreta', 'Chave de API', 'Código de acesso'],
    'Swedish': ['Lösenord', 'Lösenfras', 'Hemlig nyckel', 'API-nyckel', 'Pinkod'],
    'Danish': ['Adgangskode', 'Kodeord', 'Hemmelig nøgle', 'Adgangssætning'],
    'Norwegian': ['Passord', 'Passordfrase', 'Hemmelig nøkkel'],
    'Finnish': ['Salasana', 'Salalause', 'Tunnusluku', 'Salainen avain'],
    'Polish': ['Hasło', 'Klucz API', 'Tajny klucz', 'Hasło dostępu'],
    'Czech': ['Heslo', 'Přístupové heslo', 'Tajný klíč'],
    'Slovak': ['Heslo', 'Tajný kľúč'],
    'Hungarian': ['Jelszó', 'Jelmondat', 'Titkos kulcs'],
    'Romanian': ['Parolă', 'Parola', 'Cheie secretă'],
    'Croatian': ['Lozinka', 'Zaporka', 'Tajni ključ'],
    'Slovene': ['Geslo'],
    'Serbian': ['Лозинка', 'Шифра'],
    'Bulgarian': ['Парола', 'Таен ключ'],
    'Russian': ['Пароль', 'Секретный ключ', 'Кодовое слово', 'Токен', 'Ключ API'],
    'Ukrainian': ['Пароль', 'Секретний ключ', 'Гасло'],
    'Greek': ['Κωδικός', 'Κωδικός πρόσβασης', 'Συνθηματικό', 'Μυστικό κλειδί'],
    'Turkish': ['Şifre', 'Parola', 'Gizli anahtar'],
    'Lithuanian': ['Slaptažodis'],
    'Latvian': ['Parole'],
    'Estonian': ['Parool', 'Salasõna'],
    'Icelandic': ['Lykilorð'],
    'Catalan': ['Contrasenya', 'Clau secreta'],
    'Basque': ['Pasahitza'],
    'Galician': ['Contrasinal'],
    'Irish': ['Pasfhocal'],
    'Welsh': ['Cyfrinair'],
    'Albanian': ['Fjalëkalimi'],
    'Macedonian': ['Лозинка'],
    'Vietnamese': ['Mật khẩu', 'Mã PIN', 'Khóa bí mật'],
    'Indonesian': ['Kata sandi', 'Kata kunci'],
    'Malay': ['Kata laluan'],
    'Japanese': ['パスワード', '暗証番号', '合言葉', '秘密鍵', 'シークレット', 'APIキー'],
    'Chinese': ['密码', '密碼', '口令', '密钥', '私钥', '秘钥', '通行码', '令牌'],
    'Korean': ['비밀번호', '암호', '비번', '패스워드', '비밀키', '토큰'],
    'Arabic': ['كلمة المرور', 'كلمة السر', 'الرقم السري', 'رمز المرور'],
    'Hebrew': ['סיסמה', 'סיסמא', 'קוד סודי'],
    'Persian': ['رمز عبور', 'گذرواژه', 'کلمه عبور'],
    'Hindi': ['पासवर्ड', 'कूटशब्द'],
    'Thai': ['รหัสผ่าน'],
    'Bengali': ['পাসওয়ার্ড'],
    'Urdu': ['پاس ورڈ'],
    'Tamil': ['கடவுச்சொல்'],
    'Esperanto': ['Pasvorto'],
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_secret_is_found_without_a_sign_before_it(line: str) -> None:
    text = line.replace("«", "").replace("»", "")

    assert masked(text, secret_parts(text)) == re.sub("«[^»]*»", "■", line)


@pytest.mark.parametrize("line", PLAIN.strip().splitlines())
def test_a_line_without_a_secret_stays_readable(line: str) -> None:
    assert secret_parts(line) == ()
    assert secret_parts(f"Some note\n{line}\nMore text") == ()


@pytest.mark.parametrize("language", LABELS)
def test_labels_are_read_in_many_languages(language: str) -> None:
    for label in LABELS[language]:
        assert secret_parts(f"User: ada\n{label}: hunter2x9") == ("hunter2x9",), label
        assert secret_parts(f"Server\n{label.upper()}:\nhunter2x9\nBerlin") == ("hunter2x9",), label


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("PGPASSWORD=made-up psql -h db.example.org", "made-up"),
        ("sqlplus joe/made-up1@db", "made-up1"),
        ("joe/made-up1@//db.example.org:1521/sales", "made-up1"),
        ("joe/made-up1@(DESCRIPTION=(ADDRESS=(HOST=h))(CONNECT_DATA=(SID=X)))", "made-up1"),
        ("joe:made-up1@tcp(db.example.org:3306)/sales?parseTime=true", "made-up1"),
        ("Load from joe:made-up1@unix(/run/mysqld.sock)/sales", "made-up1"),
        ("md:sales?motherduck_token=made-up1", "made-up1"),
        ("/api/rows?limit=5&api_key=made-up1&sort=name", "made-up1"),
        ("jdbc:mysql://(host=h,port=3306,user=joe,password=made-up1)/sales", "made-up1"),
        ("joe:realm:5f4dcc3b5aa765d61d8327deb882cf99", "5f4dcc3b5aa765d61d8327deb882cf99"),
        ("joe:$6$abc123xyz$ABCDEFghij:19000:0:99999:7:::", "$6$abc123xyz$ABCDEFghij"),
        ("My password is hunter2x9.", "hunter2x9"),
        ("Recovery codes: A1B2-C3D4 E5F6-G7H8", "E5F6-G7H8"),
        ("BASIC_AUTH=joe:Made-up-1\nA=b", "Made-up-1"),
        ('{"basic.auth.user.info": "ABCDEFGH:Made-up-1"}', "Made-up-1"),
        ("Cookie: JSESSIONID=3F2A9C81D7E6", "3F2A9C81D7E6"),
        ("Set-Cookie: sid=aB3dE5gH7jK9; Path=/; HttpOnly", "aB3dE5gH7jK9"),
        ('curl -H "Cookie: session=aB3dE5gH7jK9; theme=dark" https://x.example', "aB3dE5gH7jK9"),
        ('session.auth = ("joe", "Made-up-1")', "Made-up-1"),
        ("Authorization: Splunk Made-up-1", "Made-up-1"),
        ("pw: Made-up-1 (old: Made-up-0)", "Made-up-1"),
        ("pw: Made-up-1 (old: Made-up-0)", "Made-up-0"),
        ("user/pass: joe/Made-up-1", "Made-up-1"),
        ("Default password: Made-up-1, change it!", "Made-up-1"),
    ],
)
def test_a_part_is_found_without_its_surroundings(text: str, part: str) -> None:
    assert part in secret_parts(text)


@pytest.mark.parametrize(
    "name",
    [
        "Code postal",
        "Código de cliente",
        "Clave primaria",
        "Primärschlüssel",
        "Kod pocztowy",
        "error_code",
        "max_tokens",
        "password manager",
        "Κωδικός προϊόντος",
    ],
)
def test_a_name_beside_a_key_or_code_is_not_a_secret(name: str) -> None:
    assert not is_secret_name(name)


# Settings of notes and files, and secrets beside them.
PLAIN_SETTINGS = r"""
DB_NAME=analytics
STAGE=europe
DB_HOST=warehouse01
DB_USER=analyst
APP_NAME=reporting-api
LOG_LEVEL=warning
TZ=Europe/Berlin
S3_BUCKET=acme-data-2024
AWS_REGION=eu-west-1
DB_SCHEMA=public_v2
FEATURE_FLAGS=new-login,dark-mode
MODEL=gpt-4o-2024-08-06
EMBEDDING_MODEL=text-embedding-3-small
KAFKA_TOPIC=orders.v1
REDIS_DB=cache01
SENTRY_ENVIRONMENT=production2
IMAGE_TAG=v1.2.3-rc1
GIT_SHA=9fceb02d0ae598e95dc970b74767f19372d61af8
BUILD_ID=20240115.3
CLUSTER=prod-eu-1
NAMESPACE=analytics-prod
TENANT_ID=7c9e6679-7425-40de-944b-e07fc1f90ae7
CLIENT_ID=108912345678901234567
AZURE_CLIENT_ID=3f2a9c81-d7e6-4b50-a1c2-d3e4f5061728
PUBLIC_KEY=AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
FINGERPRINT=SHA256:uNiVztksCsDhcc0u9e8BrwadIz5dQTsSPeMm9I3UIvI
EMAIL=ada.lovelace@example.org
PHONE=+442079460958
BASE_URL=https://api.example.org/v1
DATABASE_URL=postgresql://db.example.org:5432/analytics
TOKEN_URL=https://x.example/token
PASSWORD_MIN_LENGTH=120000
PASSWORD_POLICY=strong-policy1
SECRET_NAME=warehouse-login
SECRET_STORE=aws-secretsmanager
TOKENIZERS_PARALLELISM=false
HF_TOKENIZER=bert-base-uncased
MAX_TOKENS=128000
TOKEN_TTL=360000
TOKEN_TYPE=bearer
AUTH_METHOD=password
AUTH_PROVIDER=keycloak24
PASS_THROUGH=enabled1
PIN_MEMORY=enabled
COOKIE_NAME=session_id1
COOKIE_DOMAIN=.example.org
SESSION_COOKIE_SECURE=enabled
CSRF_COOKIE_NAME=csrftoken2
JWT_ALGORITHM=RS256-sha
JWT_ISSUER=https://auth.example.org
API_VERSION=2024-01-15
API_HOST=api.example.org
KEY_VAULT=acme-vault-prod
KEYSPACE=analytics1
PRIMARY_KEY=order_id1
SORT_KEY=created_at1
PARTITION_KEY=customer_id
KEYBOARD=qwertz-de
PASSENGERS=100200
COMPASS=northwest
BYPASS=disabled1
AUTHOR=Ada Lovelace
AUTHORITY=https://login.example.org
SIGNATURE_ALGORITHM=sha256WithRSA
PATTERN=^[a-z0-9]+$
PATH_PREFIX=/srv/data
PWD=/srv/app
OTP_DIGITS=600000
CREDENTIALS_FILE=/srv/creds.json
GOOGLE_APPLICATION_CREDENTIALS=/srv/key.json
CREDENTIAL_TYPE=service_account
COLORS=aabbcc,ddeeff
TIMEOUT=300000
SEED=739204
RANDOM_SEED=20240115
PORT_RANGE=30000-32767
DSN=warehouse-dsn1
UUID_NAMESPACE=6ba7b810-9dad-11d1-80b4-00c04fd430c8
COMMIT_MESSAGE=fix 3 bugs2
CODE=DE-BE-2024
POSTAL_CODE=101150
COUNTRY_CODE=DEU276
ERROR_CODE=E1234567
ACCESS_LOG=/var/log/nginx/access.log
ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
KEY=order_id1
SECRETS=enabled
CLAVE_PRIMARIA=id_cliente1
SCHLUESSEL_TYP=rsa4096
SALT_ROUNDS=120000
ENCRYPTION=aes-256-gcm
CIPHER=aes256-gcm@openssh.com
NONCE_SIZE=120000
OPENAI_ORGANIZATION=org-aB3dE5gH7jK9mN1pQ2rS
SENTRY_RELEASE=app@1.2.3+build45
SLACK_CHANNEL=C0AB12CD3EF
COLOR=#a1b2c3d4
PASSWORD_COLUMN=pw_hash2
PASSWORD_HASHER=argon2id-v19
SECRET_BACKEND=vault-prod2
AUTH_BACKEND=django.contrib.auth.backends.ModelBackend
JWT_AUDIENCE=analytics2
API_KEYS_TABLE=api_keys_v2
"""
SECRET_SETTINGS = """
POSTGRES_PASSWORD=made-up
MYSQL_ROOT_PASSWORD=made-up
REDIS_PASSWORD=made-up
SMTP_PASS=made-up
EMAIL_HOST_PASSWORD=made-up
SECRET_KEY=made-up
DJANGO_SECRET_KEY=made-up
FLASK_SECRET=made-up
JWT_SECRET=made-up
SESSION_SECRET=made-up
ENCRYPTION_KEY=made-up
OPENAI_API_KEY=sk-made-up
ANTHROPIC_API_KEY=made-up
STRIPE_SK=made-up1
GITHUB_TOKEN=made-up
GH_PAT=made-up
AWS_SECRET_ACCESS_KEY=made-up
AWS_SESSION_TOKEN=made-up
AZURE_CLIENT_SECRET=made-up
AZURE_STORAGE_KEY=made-up
AZURE_STORAGE_CONNECTION_STRING=DefaultEndpointsProtocol=https;AccountName=a;AccountKey=made-up==
ACCOUNT_KEY=made-up
SAS_TOKEN=made-up
TWILIO_AUTH_TOKEN=made-up
SENTRY_AUTH_TOKEN=made-up
VAULT_TOKEN=made-up
RESTIC_PASSWORD=made-up
SNOWFLAKE_PASSWORD=made-up
DBT_PASSWORD=made-up
PGPASSWORD=made-up
MYSQL_PWD=made-up
LDAP_BIND_PASSWORD=made-up
KEYSTORE_PASSWORD=made-up
TRUSTSTORE_PASSWORD=made-up
SIGNING_KEY=made-up
PRIVATE_KEY=made-up
HMAC_KEY=made-up
LICENSE_KEY=made-up
WEBHOOK_SECRET=made-up
NEXTAUTH_SECRET=made-up
AUTH_SECRET=made-up
COOKIE_SECRET=made-up
CSRF_SECRET=made-up
APP_KEY=base64:made-up
RAILS_MASTER_KEY=made-up
WANDB_API_KEY=made-up
HF_TOKEN=made-up
DATABRICKS_TOKEN=made-up
ROOT_PASSWORD=made-up
ADMIN_PASSWORD_PROD=made-up
PASSWORD_1=made-up
PROD_DB_PASSWORD_OLD=made-up
SALT=made-up
PEPPER=made-up
PASSWORT=made-up
KENNWORT=made-up
MOT_DE_PASSE=made-up
CONTRASENA=made-up
CLAVE=made-up
SENHA=made-up
DB_PASSWD=made-up
ORACLE_PWD=made-up
SA_PASSWORD=made-up
ACCESS_TOKEN_SECRET=made-up
CONSUMER_SECRET=made-up
CONSUMER_KEY=made-up
BOT_TOKEN=123456:made-up-x
MONGO_URI=mongodb+srv://joe:made-up@c.example.org
BASIC_AUTH=joe:made-up
CREDENTIALS=joe:made-up
AUTHORIZATION=Bearer made-up
X_API_KEY=made-up
PASSPHRASE=made-up
OTP_SECRET=made-up
DBPW=made-up
OPENAI_KEY=made-up
AZURE_OPENAI_KEY=made-up
AZURE_SPEECH_KEY=made-up
COSMOS_KEY=made-up
SERVICEBUS_KEY=made-up
APPINSIGHTS_KEY=made-up
GOOGLE_MAPS_KEY=made-up
COHERE_KEY=made-up
LANGSMITH_KEY=made-up
SERPAPI_KEY=made-up
KAGGLE_KEY=made-up
AIRFLOW__CORE__FERNET_KEY=made-up
JUPYTERHUB_CRYPT_KEY=made-up
MAILGUN_KEY=made-up
STRIPE_KEY=made-up
SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO=key:made-up
DATABASE_DSN=host=h user=joe password=made-up dbname=d
VPN_PRESHARED_KEY=made-up
TSIG_KEY=made-up
BASICAUTH=joe:made-up
"""


@pytest.mark.parametrize("line", PLAIN_SETTINGS.strip().splitlines())
def test_a_setting_stays_readable_in_every_format(line: str) -> None:
    name, _, value = line.partition("=")

    assert secret_parts_of_setting(name, value) == ()
    assert secret_parts(f"{line}\nOTHER=thing") == ()
    assert secret_parts(json.dumps({name: value})) == ()
    assert secret_parts(f"app:\n  {name.lower()}: {value}\n  x: y") == ()


@pytest.mark.parametrize("line", SECRET_SETTINGS.strip().splitlines())
def test_a_secret_setting_is_found_in_every_format(line: str) -> None:
    name, _, value = line.partition("=")

    for parts in (
        secret_parts_of_setting(name, value),
        secret_parts(f"OTHER=thing\n{line}"),
        secret_parts(json.dumps({name: value})),
        secret_parts(f"app:\n  {name.lower()}: {value}\n  x: y"),
    ):
        assert any("made-up" in part for part in parts)


def test_a_public_key_in_a_setting_is_readable() -> None:
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

    assert secret_parts(f"SSH_PUBLIC_KEY=ssh-ed25519 {key} ada@host\nOTHER=thing") == ()


def test_a_number_of_tokens_is_not_a_secret() -> None:
    assert secret_parts("TOKENS=128000\nOTHER=thing") == ()
    assert secret_parts("CONTEXT_TOKENS=128000\nOTHER=thing") == ()
    assert secret_parts_of_setting("tokens", "128000") == ()
